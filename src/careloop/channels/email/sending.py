"""Delivers one message of ours by mail: claim, compose, hand over, record.

The claim is a conditional update, so that of two workers one sends. The Message-ID is made of the conversation's
signed token and the message's number: a repeat after a crash between the relay's "250" and our commit carries the
same id, which is as close to "once" as SMTP allows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.channels.email.accounts import MailAccount, account_of
from careloop.channels.email.composing import Answered, Outgoing, OutgoingFile, composed
from careloop.channels.email.errors import (
    DeliveryError,
    PermanentDeliveryError,
    RelayUnreachable,
    TemporaryDeliveryError,
)
from careloop.channels.email.limits import (
    count_mail,
    note_relay_failure,
    note_relay_success,
    refuse_over_cap,
    refuse_while_open,
)
from careloop.channels.email.relay import hand_over
from careloop.common.errors import Conflict
from careloop.common.events import record
from careloop.common.transaction import write, writes
from careloop.conversations import events
from careloop.conversations.models import Conversation, Delivery, Inbox, Message
from careloop.customers.models import Identity
from careloop.files import services as files
from careloop.intake.tokens import reply_token

if TYPE_CHECKING:
    from careloop.accounts.models import User

MOST_ATTEMPTS = 8
CLAIM_LASTS = timedelta(minutes=5)
NEXT_ATTEMPT = timedelta(seconds=30)
FORGOTTEN_AFTER = timedelta(minutes=15)


def deliver(message_id: int) -> bool:
    """Send the message if it is still to be sent; returns whether it was sent now.

    Records ``delivery.sent`` or, when it will not be tried again, ``delivery.failed``. Raises TemporaryDeliveryError
    when the job should try again, RetryLater while the breaker is open.
    """
    message = Message.objects.select_related("conversation__inbox", "conversation__customer", "delivery").get(
        pk=message_id
    )
    refuse_while_open(message.conversation.inbox)
    if not _claimed(message):
        return False
    try:
        recipient = recipient_of(message.conversation)
        answer = _send(message, recipient)
    except DeliveryError as error:
        _note_failure(message, error)
        if isinstance(error, TemporaryDeliveryError) and message.delivery.attempts < MOST_ATTEMPTS:
            raise
        return False
    _note_success(message, answer, recipient)
    return True


def retry(message: Message, *, by: User | None) -> None:
    """Put a failed delivery back in line. Records ``delivery.retried``; raises Conflict when it has not failed."""
    with write():
        waiting = Delivery.objects.filter(message=message, state=Delivery.State.FAILED)
        if not waiting.update(state=Delivery.State.PENDING, attempts=0, last_error="", next_attempt_at=None):
            raise Conflict("not_failed", _("This message has not failed."))
        record(
            events.DELIVERY_RETRIED,
            conversation_id=message.conversation_id,
            by=by,
            subject="message",
            subject_id=message.pk,
        )


def unsent_ids() -> list[int]:
    """Messages whose delivery waits although no job seems to be about it: a breaker outlasted it, a job was lost."""
    before = timezone.now() - FORGOTTEN_AFTER
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lt=before)
    waiting = Delivery.objects.filter(
        due,
        Q(claimed_at=None) | Q(claimed_at__lt=before),
        state__in=(Delivery.State.PENDING, Delivery.State.SENDING),
        message__created_at__lt=before,
        message__conversation__inbox__kind=Inbox.Kind.EMAIL,
    )
    # Said once more in the words of the index of what is not sent, so that SQLite sees that it holds all of these.
    unsent = waiting.exclude(state=Delivery.State.SENT)
    return list(unsent.order_by("id").values_list("message_id", flat=True)[:500])


def message_id_of(message: Message, domain: str) -> str:
    """Our Message-ID, without angle brackets: signed, unique, and the same each time."""
    return f"{reply_token(message.conversation_id)}.{message.pk}@{domain}"


def _claimed(message: Message) -> bool:
    """Whether this worker may send. A claim whose worker died is taken over after CLAIM_LASTS."""
    now = timezone.now()
    stale = Q(state=Delivery.State.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    free = Delivery.objects.filter(Q(state=Delivery.State.PENDING) | stale, message=message)
    with write():
        is_ours = free.update(state=Delivery.State.SENDING, claimed_at=now, attempts=F("attempts") + 1) == 1
    message.delivery.refresh_from_db()
    return is_ours


def _send(message: Message, recipient: str) -> str:
    account = account_of(message.conversation.inbox)
    if "@" not in account.address:
        raise PermanentDeliveryError("The inbox has no e-mail address to send from.")
    refuse_over_cap(recipient, is_automatic=message.kind == Message.Kind.AUTOMATIC)
    with write():
        message.message_id = message.message_id or message_id_of(message, account.domain)
        message.save(update_fields=["message_id"])
    outgoing = outgoing_of(message, account, recipient)
    return hand_over(account, composed(outgoing), envelope_from=outgoing.envelope_from, recipient=recipient)


def recipient_of(conversation: Conversation) -> str:
    """Where answers go: what the customer's last mail asked for, else their known address.

    Raises PermanentDeliveryError when there is none, or when mail to it fails for good.
    """
    last = conversation.messages.filter(kind=Message.Kind.CUSTOMER).order_by("-id").first()
    asked = str(last.channel_data.get("answer_to", "")) if last else ""
    known = Identity.objects.filter(kind="email", customer=conversation.customer_id).order_by("is_undeliverable", "id")
    identity = known.filter(value=asked).first() if asked else known.first()
    if identity is not None and identity.is_undeliverable:
        raise PermanentDeliveryError("Mail to this address came back as undeliverable.")
    address = asked or (identity.value if identity else "")
    if not address:
        raise PermanentDeliveryError("The customer has no e-mail address.")
    return address


def outgoing_of(message: Message, account: MailAccount, recipient: str) -> Outgoing:
    """The mail of a message, ready to be composed."""
    conversation = message.conversation
    tagged = account.plus(reply_token(conversation.pk))
    return Outgoing(
        sender_name=account.display_name,
        sender=account.address,
        recipient=recipient,
        reply_to=tagged,
        envelope_from=tagged,
        message_id=message.message_id,
        subject=conversation.subject,
        reference=conversation.reference,
        text=message.text,
        html=message.html,
        language=message.language,
        sent_at=message.created_at,
        answered=_answered(message),
        is_automatic=message.kind == Message.Kind.AUTOMATIC,
        files=[
            OutgoingFile(each.name, each.content_type, files.read(each.blob))
            for each in message.attachments.select_related("blob")
        ],
    )


def _answered(message: Message) -> Answered | None:
    parent = (
        message.conversation.messages.filter(kind=Message.Kind.CUSTOMER, id__lt=message.pk)
        .exclude(message_id="")
        .order_by("-id")
        .first()
    )
    if parent is None:
        return None
    said_by = str(parent.channel_data.get("from") or message.conversation.customer.name)
    return Answered(
        parent.message_id, parent.references.split(), parent.in_reply_to, parent.text, said_by, parent.created_at
    )  # fmt: skip


@writes
def _note_success(message: Message, answer: str, recipient: str) -> None:
    delivery = message.delivery
    delivery.state, delivery.sent_at, delivery.last_error = Delivery.State.SENT, timezone.now(), ""
    delivery.external_id = answer
    delivery.save(update_fields=["state", "sent_at", "last_error", "external_id"])
    count_mail(recipient, is_automatic=message.kind == Message.Kind.AUTOMATIC)
    note_relay_success(message.conversation.inbox)
    _record(events.DELIVERY_SENT, message)


@writes
def _note_failure(message: Message, error: DeliveryError) -> None:
    """Back in line, or failed for good: then the thread shows the sentence."""
    delivery = message.delivery
    is_final = isinstance(error, PermanentDeliveryError) or delivery.attempts >= MOST_ATTEMPTS
    delivery.state = Delivery.State.FAILED if is_final else Delivery.State.PENDING
    delivery.last_error, delivery.claimed_at = str(error), None
    delivery.next_attempt_at = None if is_final else timezone.now() + NEXT_ATTEMPT * 2 ** (delivery.attempts - 1)
    delivery.save(update_fields=["state", "last_error", "claimed_at", "next_attempt_at"])
    if isinstance(error, RelayUnreachable):
        note_relay_failure(message.conversation.inbox, str(error))
    if is_final:
        _record(events.DELIVERY_FAILED, message, error=str(error), attempts=delivery.attempts)


def _record(name: str, message: Message, **data: object) -> None:
    record(
        name, conversation_id=message.conversation_id, subject="message", subject_id=message.pk, data=dict(data)
    )  # fmt: skip
