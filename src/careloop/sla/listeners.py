"""What other rooms' changes mean for clocks. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.common.models import Event
from careloop.sla.services.stopping import cancel_responses, stop_all, stop_responses


def on_reply(event: Event) -> None:
    """A person's answer ends the answer clocks. In the reply's transaction."""
    stop_responses(_conversation_id(event), at=event.at)


def on_resolved(event: Event) -> None:
    stop_all(_conversation_id(event), at=event.at)


def on_courtesy(event: Event) -> None:
    cancel_responses(_conversation_id(event), at=event.at)


def _conversation_id(event: Event) -> int:
    assert event.conversation_id is not None, f"{event.name} names no conversation"
    return event.conversation_id
