"""What other rooms' changes mean for the queue. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.common.models import Event
from careloop.conversations.models import Conversation
from careloop.conversations.services.holding import wake
from careloop.routing.services.prioritising import hand_over, leave, mark_late, prioritise, rescore
from careloop.routing.services.routing import route
from careloop.triage.models import Prediction


def on_nobody_waits(event: Event) -> None:
    """Answered, resolved or snoozed: out of the queue."""
    leave(_conversation_id(event))


def on_courtesy(event: Event) -> None:
    """A mere thank-you leaves the queue, unless an earlier question is still open."""
    if _conversation(event).waiting_since is None:
        leave(_conversation_id(event))


def on_assigned(event: Event) -> None:
    """The queue entry follows the conversation's owner and team."""
    hand_over(_conversation_id(event), user_id=event.data["user"], team_id=event.data["team"], at=event.at)


def on_breached(event: Event) -> None:
    """A late case climbs."""
    mark_late(_conversation_id(event))


def on_clock_moved(event: Event) -> None:
    """A clock began or moved by itself (hours, target, the customer's tier, facts checked): its target counts."""
    rescore(_conversation(event), _findings(event))


def on_law_presses(event: Event) -> None:
    """A deadline of the law is close or has passed: the case comes before people again, asleep or answered though
    it be. What was resolved in between owes nothing any more.
    """
    conversation = _conversation(event)
    if conversation.is_resolved:
        return
    wake(conversation, at=event.at)
    prioritise(conversation, _findings(event), since=event.at)


def on_reopened(event: Event) -> None:
    """Back into the queue, and higher than before."""
    prioritise(_conversation(event), _findings(event), since=event.at, is_reopened=True)


def on_woken(event: Event) -> None:
    """The snooze is over: it waits again, for its owner or for somebody."""
    prioritise(_conversation(event), _findings(event), since=event.at)


def on_corrected(event: Event) -> None:
    """A person corrected what triage understood: score it anew, and give it to whom it belongs now."""
    conversation = _conversation(event)
    route(conversation, prioritise(conversation, _findings(event)))


def _findings(event: Event) -> list[Prediction]:
    return list(Prediction.objects.current().filter(conversation_id=_conversation_id(event)))


def _conversation_id(event: Event) -> int:
    assert event.conversation_id is not None, f"{event.name} names no conversation"
    return event.conversation_id


def _conversation(event: Event) -> Conversation:
    found = Conversation.objects.select_related("customer", "inbox", "assignee", "team")
    return found.get(pk=_conversation_id(event))
