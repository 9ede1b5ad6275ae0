"""What other rooms' changes mean for follow-ups. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.care.services.opening import cancel_follow_ups
from careloop.common.models import Event


def on_reopened(event: Event) -> None:
    """In the transaction of the reopening, so that nobody asks "all well?" about what is not."""
    assert event.conversation_id is not None
    cancel_follow_ups(event.conversation_id, at=event.at)
