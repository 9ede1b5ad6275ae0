"""What other rooms' changes mean for what we understood. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.common.models import Event
from careloop.triage.services.questions import follow_team


def on_assigned(event: Event) -> None:
    """The question about a conversation goes where the conversation goes."""
    assert event.conversation_id is not None, f"{event.name} names no conversation"
    follow_team(event.conversation_id, event.data["team"])
