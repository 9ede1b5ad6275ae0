"""A phone call is a message of its own kind: what was said, noted by the agent who spoke."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Conversation, Message, State
from careloop.conversations.services.locking import locked
from careloop.conversations.services.posting import TOUCHED, Content, add_message, touch

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.customers.models import Customer


@writes
def record_call(
    conversation: Conversation,
    content: Content,
    *,
    customer: Customer,
    by: User | None,
    at: datetime | None = None,
) -> Message:
    """Write a call into the thread. ``channel_data`` says its ``direction`` (in, out) and whether it was ``answered``.

    A call that we made, or answered, is a human answer: it ends the wait and stops clocks like a reply
    (``message.posted``). A call in also records ``message.received``; one nobody answered begins a wait.
    """
    at = at or timezone.now()
    conversation = locked(conversation)
    is_inbound = content.channel_data.get("direction") != "out"
    is_answered = not is_inbound or content.channel_data.get("answered", True)
    message = add_message(
        conversation, content, kind=Message.Kind.PHONE, at=at, author=by, customer=customer if is_inbound else None
    )
    waited_since, is_first = conversation.waiting_since, conversation.first_replied_at is None
    if is_answered:
        conversation.waiting_since = None
        conversation.first_replied_at = conversation.first_replied_at or at
    else:
        conversation.waiting_since = conversation.waiting_since or at
    if conversation.state in (State.WAITING, State.SNOOZED):
        conversation.state = State.OPEN
    touch(conversation, message, at)
    conversation.save(update_fields=[*TOUCHED, "waiting_since", "first_replied_at", "state"])
    tell = partial(record, conversation_id=conversation.pk, subject="message", subject_id=message.pk, by=by, at=at)
    if is_inbound:
        tell(events.MESSAGE_RECEIVED)
    if is_answered:
        since = waited_since.isoformat() if waited_since else None
        tell(events.MESSAGE_POSTED, data={"waited_since": since, "is_first": is_first})
    return message
