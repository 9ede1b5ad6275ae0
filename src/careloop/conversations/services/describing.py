"""Say of a conversation what higher rooms found out about it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from careloop.common.db.rows import update
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Conversation
from careloop.conversations.services.locking import locked

if TYPE_CHECKING:
    from careloop.accounts.models import User


@writes
def set_kind(conversation: Conversation, kind: str, *, by: User | None = None) -> Conversation:
    """Inquiry, feedback, complaint or upkeep. Records ``conversation.kind_set`` when it changes."""
    conversation = locked(conversation)
    if conversation.kind != kind:
        conversation.kind = kind
        update(conversation, "kind")
        record(events.CONVERSATION_KIND_SET, conversation_id=conversation.pk, by=by, data={"kind": kind})
    return conversation


def set_next_due(conversation_id: int, due_at: datetime | None) -> None:
    """Keep the earliest running deadline beside the row, for lists. Called by the sla room only."""
    update(Conversation(pk=conversation_id, next_due_at=due_at), "next_due_at")


def move_next_due(conversation: Conversation, due_at: datetime | None) -> None:
    """The same for a conversation in hand; nothing is written when it stands there already."""
    if conversation.next_due_at != due_at:
        conversation.next_due_at = due_at
        update(conversation, "next_due_at")


@writes
def note_courtesy(conversation: Conversation, *, at: datetime) -> Conversation:
    """The last message was a mere thank-you: nobody waits for an answer to it.

    Records ``conversation.courtesy_noted``. Ends the wait only when this very message began it.
    """
    conversation = locked(conversation)
    if conversation.waiting_since == at:
        conversation.waiting_since = None
        conversation.save(update_fields=["waiting_since"])
    record(events.COURTESY_NOTED, conversation_id=conversation.pk, at=at)
    return conversation


@writes
def finish_review(conversation: Conversation, *, by: User) -> Conversation:
    """A person looked at a doubtful thread. Records ``conversation.review_done``."""
    conversation = locked(conversation)
    conversation.needs_review = False
    conversation.save(update_fields=["needs_review"])
    record(events.REVIEW_DONE, conversation_id=conversation.pk, by=by)
    return conversation
