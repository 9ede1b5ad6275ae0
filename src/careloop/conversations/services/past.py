"""What was said before Careloop: imported words keep their own time and set nothing in motion."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Conversation, Message, Resolution, State
from careloop.conversations.services.locking import locked
from careloop.conversations.services.posting import TOUCHED, Content, add_message, touch

if TYPE_CHECKING:
    from careloop.accounts.models import User

IMPORTED = "imported"


@writes
def add_past_reply(conversation: Conversation, text: str, *, at: datetime, by: User | None = None) -> Message:
    """Add an answer that was given long ago and close the thread with it. Nothing is delivered.

    Records ``message.posted`` and ``conversation.resolved``, both marked ``past``, so that facts count them and
    no clock, survey or follow-up starts.
    """
    conversation = locked(conversation)
    message = add_message(
        conversation, Content(text=text, language=conversation.language), kind=Message.Kind.REPLY, at=at, author=by
    )
    waited_since, is_first = conversation.waiting_since, conversation.first_replied_at is None
    resolution = Resolution.objects.create(
        conversation=conversation, by=by, at=at, solved=None, satisfied=None,
        outcome=Resolution.Outcome.EXPLAINED, cause=Resolution.Cause.OTHER, note=IMPORTED,
    )  # fmt: skip
    conversation.waiting_since, conversation.first_replied_at = None, conversation.first_replied_at or at
    conversation.state, conversation.resolved_at = State.RESOLVED, at
    touch(conversation, message, at)
    conversation.save(update_fields=[*TOUCHED, "waiting_since", "first_replied_at", "state", "resolved_at"])
    since = waited_since.isoformat() if waited_since else None
    record(
        events.MESSAGE_POSTED, conversation_id=conversation.pk, subject="message", subject_id=message.pk, by=by, at=at,
        data={"waited_since": since, "is_first": is_first, "past": True},
    )  # fmt: skip
    record(
        events.CONVERSATION_RESOLVED, conversation_id=conversation.pk, subject="resolution",
        subject_id=resolution.pk, by=by, at=at,
        data={"outcome": resolution.outcome, "cause": resolution.cause, "past": True},
    )  # fmt: skip
    return message
