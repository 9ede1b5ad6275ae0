"""Which thread a message belongs to: token, our Message-ID, References, then a number from a known sender.

Never by subject alone. A stranger who quotes a token, an id or a number does not get into the thread:
a side thread is opened beside it for a person to look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careloop.conversations.models import Conversation, Message
from careloop.intake.tokens import conversation_id_in

if TYPE_CHECKING:
    from careloop.conversations.models import Inbox
    from careloop.customers.models import Customer
    from careloop.intake.contract import Parsed

MOST_REFERENCES = 50


@dataclass(frozen=True)
class Thread:
    """Where the message goes: into ``conversation``, beside it (``is_side``), or into a new one (None)."""

    conversation: Conversation | None = None
    is_side: bool = False
    found_by: str = ""


def find_thread(parsed: Parsed, customer: Customer, inbox: Inbox) -> Thread:
    """Try each way in order; the first that names an existing conversation decides."""
    if parsed.conversation_id is not None:
        return Thread(_get(parsed.conversation_id), found_by="link")
    for found_by, conversation in _candidates(parsed, inbox):
        if conversation.customer_id == customer.pk:
            return Thread(conversation, found_by=found_by)
        if found_by != "number":
            return Thread(conversation, is_side=True, found_by=found_by)
        return Thread(conversation, is_side=True, found_by="number_from_stranger")
    return Thread()


def _candidates(parsed: Parsed, inbox: Inbox) -> Iterator[tuple[str, Conversation]]:
    if parsed.reply_token:
        named = conversation_id_in(parsed.reply_token)
        yield from _named("token", _get(named) if named is not None else None)
    yield from _named("message_id", _by_message_ids([parsed.in_reply_to]))
    yield from _named("references", _by_message_ids(list(reversed(parsed.references))))
    if parsed.external_thread:
        yield from _named("external_thread", _by_external_thread(parsed.external_thread, inbox))
    if parsed.number:
        yield from _named("number", Conversation.objects.numbered(parsed.number).first())


def _named(way: str, conversation: Conversation | None) -> Iterator[tuple[str, Conversation]]:
    if conversation is not None:
        yield way, conversation.merged_into or conversation


def _get(conversation_id: int) -> Conversation | None:
    return Conversation.objects.filter(pk=conversation_id).first()


def _by_message_ids(message_ids: list[str]) -> Conversation | None:
    """The conversation of the first id that is one of a stored message's, in the order given."""
    wanted = [message_id for message_id in message_ids if message_id][:MOST_REFERENCES]
    if not wanted:
        return None
    found = {
        message.message_id: message.conversation
        for message in Message.objects.select_related("conversation").filter(message_id__in=wanted)
    }
    return next((found[message_id] for message_id in wanted if message_id in found), None)


def _by_external_thread(external_thread: str, inbox: Inbox) -> Conversation | None:
    return Conversation.objects.filter(inbox=inbox, external_thread=external_thread[:128]).order_by("-id").first()
