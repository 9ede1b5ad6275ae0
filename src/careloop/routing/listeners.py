"""What other rooms' changes mean for the queue. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.common.models import Event
from careloop.routing.services.prioritising import hand_over, leave, mark_late


def on_nobody_waits(event: Event) -> None:
    """Answered, resolved, snoozed or merely thanked: out of the queue."""
    leave(_conversation_id(event))


def on_assigned(event: Event) -> None:
    """The queue entry follows the conversation's owner and team."""
    hand_over(_conversation_id(event), user_id=event.data["user"], team_id=event.data["team"], at=event.at)


def on_breached(event: Event) -> None:
    """A late case climbs."""
    mark_late(_conversation_id(event))


def _conversation_id(event: Event) -> int:
    assert event.conversation_id is not None, f"{event.name} names no conversation"
    return event.conversation_id
