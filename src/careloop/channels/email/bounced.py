"""A delivery report about a mail of ours: the thread shows that the customer did not get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careloop.common.events import record
from careloop.conversations import events
from careloop.conversations.models import Delivery, Message
from careloop.intake.tokens import conversation_id_in

if TYPE_CHECKING:
    from careloop.common.models import Event


def note_bounce(event: Event) -> None:
    """Mark the delivery of the mail that came back. Listens to ``bounce.received`` in its transaction.

    The mail is the one the report names. Records ``delivery.failed``; a passing delay changes nothing.
    """
    if not event.data.get("permanent"):
        return
    message = _message(str(event.data.get("message_id", "")))
    if message is None:
        return
    sentence = _sentence(event)
    changed = Delivery.objects.filter(message=message).exclude(state=Delivery.State.FAILED)
    if changed.update(state=Delivery.State.FAILED, last_error=sentence):
        record(
            events.DELIVERY_FAILED,
            conversation_id=message.conversation_id,
            subject="message",
            subject_id=message.pk,
            data={"error": sentence, "bounced": True},
        )


def _message(message_id: str) -> Message | None:
    """Ours by its id, and only when the id carries our signature: anybody can write a report."""
    if not message_id or conversation_id_in(message_id) is None:
        return None
    return Message.objects.filter(message_id=message_id).first()


def _sentence(event: Event) -> str:
    said = str(event.data.get("diagnostic") or event.data.get("status") or "").strip()
    return f"It came back from {event.data.get('recipient', '')}: {said}"[:500]
