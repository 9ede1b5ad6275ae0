"""What other rooms' changes mean for clocks. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.common.models import Event
from careloop.conversations.models import Conversation
from careloop.sla.laws import laws_in_use
from careloop.sla.services.by_law import run_on, start_by_law
from careloop.sla.services.starting import restart_resolution, retarget
from careloop.sla.services.stopping import cancel_responses, stop_all, stop_responses
from careloop.triage.models import Prediction


def on_reply(event: Event) -> None:
    """A person's answer ends the answer clocks. In the reply's transaction."""
    stop_responses(_conversation_id(event), at=event.at)


def on_resolved(event: Event) -> None:
    """The solution clock ends; an answer nobody needs any more is cancelled."""
    stop_all(_conversation_id(event), at=event.at)


def on_reopened(event: Event) -> None:
    """A new solution clock, from the moment it was reopened; a final reply by law runs on from the receipt."""
    conversation = _conversation(event)
    restart_resolution(conversation, _findings(event), at=event.at)
    last = conversation.resolutions.order_by("-at", "-id").first() if laws_in_use() else None
    if last is not None:
        run_on(conversation, resolved_at=last.at)


def on_courtesy(event: Event) -> None:
    """Nobody waits for an answer to a mere thank-you."""
    if _conversation(event).waiting_since is None:
        cancel_responses(_conversation_id(event), at=event.at)


def on_corrected(event: Event) -> None:
    """A person corrected what triage understood; the promise follows, and a complaint starts what the law wants.

    That counts from the message that still waits. A law that was started goes on: a person withdraws it.
    """
    conversation, findings = _conversation(event), _findings(event)
    promised = [clock.started_at for clock in retarget(conversation, findings) if not clock.is_by_law]
    since = min([*promised, conversation.waiting_since or conversation.last_activity_at])
    if not conversation.is_resolved:
        start_by_law(conversation, findings, received_at=since)


def _findings(event: Event) -> list[Prediction]:
    return list(Prediction.objects.current().filter(conversation_id=_conversation_id(event)))


def _conversation_id(event: Event) -> int:
    assert event.conversation_id is not None, f"{event.name} names no conversation"
    return event.conversation_id


def _conversation(event: Event) -> Conversation:
    return Conversation.objects.select_related("customer").get(pk=_conversation_id(event))
