"""A parsed message becomes part of a conversation: who speaks, which thread, then the words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.db.rows import reread, update
from careloop.common.text.language import reply_language
from careloop.common.transaction import write_again
from careloop.conversations.models import Conversation, Message
from careloop.conversations.services.calls import record_call
from careloop.conversations.services.posting import Content, File, add_customer_message
from careloop.conversations.services.starting import start
from careloop.customers.services.identity import identify
from careloop.files import services as files
from careloop.intake.models import RawMessage
from careloop.intake.services.threading import Thread, find_thread

if TYPE_CHECKING:
    from careloop.customers.models import Customer
    from careloop.intake.contract import Parsed


def accept(row: RawMessage, parsed: Parsed) -> Message:
    """Put the message into its thread and mark the raw row accepted, in one transaction.

    Safe to run twice: an accepted row returns the message it became. Attachments are stored before the
    transaction, so that it stays short.
    """
    if row.message is not None:
        return row.message
    stored = [
        File(files.store(file.data, file.content_type), file.name, file.content_id, file.is_inline)
        for file in parsed.files
    ]
    with write_again():  # The raw row is on the disk and says until then that it waits to be read.
        return _accept(row, parsed, stored)


def _accept(row: RawMessage, parsed: Parsed, stored: list[File]) -> Message:
    reread(row, "message", lock=True)
    if row.message is not None:
        return row.message
    language = _language(row, parsed)
    customer = identify(parsed.claims, name=parsed.name, language=language)
    thread = find_thread(parsed, customer, row.inbox)
    conversation = _conversation(row, parsed, customer, thread, language)
    content = _content(row, parsed, stored, language)
    if parsed.kind == "phone":
        message = record_call(conversation, content, customer=customer, by=_author(parsed), at=row.received_at)
    else:
        message = add_customer_message(conversation, content, customer=customer, at=row.received_at)
    row.message, row.state, row.settled_at = message, RawMessage.State.ACCEPTED, timezone.now()
    update(row, "message", "state", "settled_at")
    return message


def _conversation(row: RawMessage, parsed: Parsed, customer: Customer, thread: Thread, language: str) -> Conversation:
    if thread.conversation is not None and not thread.is_side:
        return thread.conversation
    return start(
        inbox=row.inbox, customer=customer, subject=parsed.subject, opening=parsed.text, language=language,
        channel_kind=parsed.channel_kind, at=row.received_at, related_to=thread.conversation,
        review_reason=f"stranger_{thread.found_by}" if thread.is_side else "",
        external_thread=parsed.external_thread,
    )  # fmt: skip


def _content(row: RawMessage, parsed: Parsed, stored: list[File], language: str) -> Content:
    return Content(
        text=parsed.text, html=parsed.html, quoted=parsed.quoted, language=language, files=stored,
        message_id=parsed.message_id, in_reply_to=parsed.in_reply_to,
        references=" ".join(parsed.references), raw_id=row.pk, channel_data=dict(parsed.channel_data),
    )  # fmt: skip


def _language(row: RawMessage, parsed: Parsed) -> str:
    """What the door said, else what the words look like, else the inbox's own."""
    if parsed.language in ("zh", "en"):
        return parsed.language
    otherwise: Literal["zh", "en"] = "zh" if row.inbox.language == "zh" else "en"
    return reply_language(f"{parsed.subject}\n{parsed.text}", otherwise=otherwise)


def _author(parsed: Parsed) -> User | None:
    return User.objects.filter(pk=parsed.author_id).first() if parsed.author_id else None
