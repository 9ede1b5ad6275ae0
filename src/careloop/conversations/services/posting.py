"""Add to what is said: a customer's message, our reply, a note, a call, an automatic notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.db.rows import insert, update
from careloop.common.errors import InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Attachment, Conversation, Delivery, Message, State
from careloop.conversations.services.locking import locked
from careloop.conversations.services.mentioning import naming_in, tell

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.customers.models import Customer
    from careloop.files.models import Blob

PREVIEW_CHARACTERS = 160
LONGEST_TEXT = 200_000
TOUCHED = ("message_count", "last_activity_at", "preview")


@dataclass(frozen=True)
class File:
    """A stored file to hang on a message."""

    blob: Blob
    name: str
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True)
class Content:
    """What a message says, apart from who says it."""

    text: str
    html: str = ""
    quoted: str = ""
    language: str = ""
    files: Sequence[File] = ()
    message_id: str = ""
    in_reply_to: str = ""
    references: str = ""
    raw_id: int | None = None
    channel_data: dict[str, Any] = field(default_factory=dict)


@writes
def add_customer_message(
    conversation: Conversation,
    content: Content,
    *,
    customer: Customer,
    at: datetime | None = None,
) -> Message:
    """Put a customer's words into the thread; the wait begins if nobody was waiting.

    A resolved conversation stays resolved here: whether this reopens it is decided once it is understood.
    Records ``message.received`` with the moment since which the customer waits.
    """
    at = at or timezone.now()
    conversation = locked(conversation)
    message = add_message(conversation, content, kind=Message.Kind.CUSTOMER, at=at, customer=customer)
    if conversation.waiting_since is None:
        conversation.waiting_since = at
    touch(conversation, message, at)
    if conversation.state in (State.WAITING, State.SNOOZED):
        conversation.state = State.OPEN
    update(conversation, *TOUCHED, "waiting_since", "state")
    _record(events.MESSAGE_RECEIVED, message, at=at)
    return message


@writes
def post_reply(
    conversation: Conversation,
    *,
    by: User,
    text: str,
    html: str = "",
    files: Sequence[File] = (),
    at: datetime | None = None,
    then: str = State.WAITING,
    channel_data: dict[str, Any] | None = None,
) -> Message:
    """Answer the customer. The wait ends, the conversation is ``then`` (waiting, or open).

    Records ``message.posted`` with how long the customer waited and whether it was our first answer;
    delivery, clocks and facts hang on that event. Raises :class:`InvalidInput` on an empty reply.
    """
    if not text.strip():
        raise InvalidInput("reply_empty", _("A reply needs some text."))
    at = at or timezone.now()
    conversation = locked(conversation)
    content = Content(
        text=text.strip()[:LONGEST_TEXT], html=html, files=files, language=conversation.language,
        channel_data=channel_data or {},
    )  # fmt: skip
    message = add_message(conversation, content, kind=Message.Kind.REPLY, at=at, author=by)
    insert([Delivery(message=message)])
    waited_since = conversation.waiting_since
    is_first = conversation.first_replied_at is None
    conversation.waiting_since = None
    conversation.first_replied_at = conversation.first_replied_at or at
    if conversation.state != State.RESOLVED:
        conversation.state = then
    touch(conversation, message, at)
    update(conversation, *TOUCHED, "waiting_since", "first_replied_at", "state")
    _record(
        events.MESSAGE_POSTED, message, at=at, by=by,
        waited_since=waited_since.isoformat() if waited_since else None, is_first=is_first,
    )  # fmt: skip
    return message


@writes
def post_automatic(
    conversation: Conversation, *, text: str, html: str = "", purpose: str, at: datetime | None = None
) -> Message:
    """Say something by ourselves (an acknowledgement, a survey). It ends no wait and stops no clock.

    Records ``message.automatic_posted`` with its purpose.
    """
    at = at or timezone.now()
    conversation = locked(conversation)
    content = Content(text=text, html=html, language=conversation.language, channel_data={"purpose": purpose})
    message = add_message(conversation, content, kind=Message.Kind.AUTOMATIC, at=at)
    Delivery.objects.create(message=message)
    conversation.message_count += 1
    conversation.save(update_fields=["message_count"])
    _record(events.AUTOMATIC_POSTED, message, at=at, purpose=purpose)
    return message


@writes
def post_note(
    conversation: Conversation,
    *,
    by: User,
    text: str,
    files: Sequence[File] = (),
    at: datetime | None = None,
) -> Message:
    """Tell colleagues something the customer never sees. Records ``note.added``.

    Whom it names with an @ and who may see the conversation finds it among their mentions
    (``colleague.mentioned``); the note keeps the words that named them.
    """
    if not text.strip():
        raise InvalidInput("note_empty", _("A note needs some text."))
    at = at or timezone.now()
    conversation = locked(conversation)
    naming = naming_in(conversation, text)
    content = Content(
        text=text.strip()[:LONGEST_TEXT], files=files, language=conversation.language,
        channel_data={"mentions": naming.words} if naming.words else {},
    )  # fmt: skip
    message = add_message(conversation, content, kind=Message.Kind.NOTE, at=at, author=by)
    conversation.message_count += 1
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.save(update_fields=["message_count", "last_activity_at"])
    _record(events.NOTE_ADDED, message, at=at, by=by)
    tell(message, naming.told, by=by)
    return message


def add_message(
    conversation: Conversation,
    content: Content,
    *,
    kind: str,
    at: datetime,
    author: User | None = None,
    customer: Customer | None = None,
) -> Message:
    """Write the row and hang its files on it; the verbs of this room call it, nobody else."""
    message = Message(
        conversation=conversation,
        kind=kind,
        author=author,
        customer=customer,
        text=content.text[:LONGEST_TEXT],
        html=content.html,
        quoted=content.quoted,
        language=content.language or conversation.language,
        created_at=at,
        message_id=content.message_id[:255],
        in_reply_to=content.in_reply_to[:255],
        references=content.references,
        raw_id=content.raw_id,
        channel_data=content.channel_data,
    )
    insert([message])
    if content.files:
        Attachment.objects.bulk_create([_attachment(message, file) for file in content.files])
    return message


def _attachment(message: Message, file: File) -> Attachment:
    return Attachment(
        message=message,
        blob=file.blob,
        name=file.name[:255] or "file",
        content_type=file.blob.content_type,
        size=file.blob.size,
        content_id=file.content_id[:255],
        is_inline=file.is_inline,
    )


def touch(conversation: Conversation, message: Message, at: datetime) -> None:
    """Bring count, moment and preview of the (locked, unsaved) conversation up to date."""
    conversation.message_count += 1
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.preview = " ".join(message.text.split())[:PREVIEW_CHARACTERS]


def _record(name: str, message: Message, *, at: datetime, by: User | None = None, **data: Any) -> None:
    record(
        name,
        conversation_id=message.conversation_id,
        by=by,
        subject="message",
        subject_id=message.pk,
        at=at,
        data={"channel": message.conversation.channel, **data},
        about=message,
    )
