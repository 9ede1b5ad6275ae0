"""Begin a conversation."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from careloop.common.db.rows import insert
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Conversation, Inbox, State
from careloop.conversations.services.locking import hold

if TYPE_CHECKING:
    from careloop.customers.models import Customer

OPENING_CHARACTERS = 160
LONGEST_OPENING_LOOKED_AT = 1000


@writes
def start(
    *,
    inbox: Inbox,
    customer: Customer,
    subject: str = "",
    opening: str = "",
    language: str = "en",
    channel_kind: str = "direct",
    at: datetime | None = None,
    related_to: Conversation | None = None,
    review_reason: str = "",
    external_thread: str = "",
) -> Conversation:
    """Open a new thread with a customer in an inbox, for the inbox's team. Records ``conversation.created``.

    ``opening`` is how the first message begins: the title of what has no subject (a chat, a form, a call).
    ``review_reason`` marks a side thread that a person should look at (a stranger quoted a number).
    """
    at = at or timezone.now()
    conversation = Conversation(
        inbox=inbox,
        customer=customer,
        subject=" ".join(subject.split())[:255],
        opening=" ".join(opening[:LONGEST_OPENING_LOOKED_AT].split())[:OPENING_CHARACTERS],
        language=language,
        channel=inbox.kind,
        channel_kind=channel_kind,
        team_id=inbox.team_id,
        state=State.OPEN,
        created_at=at,
        last_activity_at=at,
        related_to=related_to,
        external_thread=external_thread[:128],
        needs_review=bool(review_reason),
        review_reason=review_reason,
    )
    insert([conversation])
    hold(conversation)
    record(events.CONVERSATION_CREATED, conversation_id=conversation.pk, at=at, data={"channel": inbox.kind})
    return conversation
