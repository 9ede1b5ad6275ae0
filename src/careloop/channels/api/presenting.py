"""Rows as the API shows them."""

from __future__ import annotations

from careloop.channels.api.schemas import ConversationOut, CustomerOut, MessageOut, MessageState
from careloop.conversations.models import Conversation, Message
from careloop.intake.models import RawMessage


def raw_out(raw: RawMessage) -> MessageState:
    reference = raw.message.conversation.reference if raw.message else ""
    return MessageState(id=raw.pk, state=raw.state, reason=raw.reason, conversation=reference)


def conversation_out(row: Conversation) -> ConversationOut:
    customer = row.customer
    return ConversationOut(
        reference=row.reference, subject=row.subject, state=row.state, kind=row.kind, language=row.language,
        channel=row.channel, channel_kind=row.channel_kind,
        customer=CustomerOut(
            id=customer.pk, name=customer.name, language=customer.language, value_tier=customer.value_tier
        ),
        assignee=str(row.assignee) if row.assignee else "",
        created_at=row.created_at, last_activity_at=row.last_activity_at, waiting_since=row.waiting_since,
        next_due_at=row.next_due_at, resolved_at=row.resolved_at,
    )  # fmt: skip


def message_out(row: Message) -> MessageOut:
    delivery = getattr(row, "delivery", None)
    return MessageOut(
        id=row.pk, kind=row.kind, text=row.text, author=str(row.author or row.customer or ""),
        created_at=row.created_at, delivery=delivery.state if delivery else "",
    )  # fmt: skip
