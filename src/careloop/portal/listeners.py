"""What other rooms' changes mean for the portal. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.common.events import record
from careloop.common.models import Event
from careloop.conversations import events
from careloop.conversations.models import Delivery, Inbox, Kind, Message
from careloop.conversations.services.describing import set_kind
from careloop.portal import tasks

KINDS = {"complaint": Kind.COMPLAINT, "question": Kind.INQUIRY, "feedback": Kind.FEEDBACK}


def on_received(event: Event) -> None:
    """The customer said what it is about; a question that reads like a complaint is still handled as one later."""
    message = _message(event)
    kind = KINDS.get(str(message.channel_data.get("portal_kind", "")))
    if kind is not None:
        set_kind(message.conversation, kind)


def on_understood(event: Event) -> None:
    """Now that the promise is known, the customer is told. One read for every other channel."""
    if _message(event).conversation.inbox.kind == Inbox.Kind.PORTAL:
        tasks.acknowledge_received.enqueue(event.pk)


def on_said(event: Event) -> None:
    """What we say in a portal matter is delivered by standing on its page, and mailed to whoever left an address.

    Records ``delivery.sent``.
    """
    message = _message(event)
    if message.conversation.inbox.kind != Inbox.Kind.PORTAL:
        return
    waiting = Delivery.objects.filter(message=message, state=Delivery.State.PENDING)
    if waiting.update(state=Delivery.State.SENT, sent_at=event.at):
        record(
            events.DELIVERY_SENT,
            conversation_id=message.conversation_id,
            subject="message",
            subject_id=message.pk,
            at=event.at,
            data={"via": "portal"},
        )
        tasks.mail_out.enqueue(event.pk)


def _message(event: Event) -> Message:
    return Message.objects.select_related("conversation__inbox").get(pk=event.subject_id or 0)
