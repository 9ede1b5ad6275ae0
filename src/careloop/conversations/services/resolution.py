"""Resolve and reopen. Both questions are asked: solved? and satisfied? (mission 72)"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Conversation, Resolution, State
from careloop.conversations.services.locking import locked

if TYPE_CHECKING:
    from careloop.accounts.models import User


@writes
def resolve(
    conversation: Conversation,
    *,
    by: User | None,
    solved: bool | None,
    satisfied: bool | None,
    outcome: str,
    cause: str,
    note: str = "",
    at: datetime | None = None,
) -> Resolution:
    """Close the work with its outcome and cause. Records ``conversation.resolved``.

    Raises :class:`Conflict` when it is resolved already and :class:`InvalidInput` when outcome or cause is
    not one of ours, or when somebody says that it is not solved: then it is not resolved.
    """
    _check(solved, outcome, cause)
    at = at or timezone.now()
    conversation = locked(conversation)
    if conversation.is_resolved:
        raise Conflict("already_resolved", _("This conversation is resolved already."))
    waited_since = conversation.waiting_since
    resolution = Resolution.objects.create(
        conversation=conversation, by=by, at=at, solved=solved, satisfied=satisfied,
        outcome=outcome, cause=cause, note=note,
    )  # fmt: skip
    conversation.state = State.RESOLVED
    conversation.resolved_at = at
    conversation.waiting_since = None
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.save(update_fields=["state", "resolved_at", "waiting_since", "last_activity_at"])
    record(
        events.CONVERSATION_RESOLVED, conversation_id=conversation.pk, by=by, subject="resolution",
        subject_id=resolution.pk, at=at,
        data={
            "solved": solved, "satisfied": satisfied, "outcome": outcome, "cause": cause,
            "unanswered_since": waited_since.isoformat() if waited_since else None,
        },
    )  # fmt: skip
    return resolution


@writes
def reopen(conversation: Conversation, *, by: User | None, reason: str, at: datetime | None = None) -> Conversation:
    """Take up the work again; the last resolution keeps who reopened it and why.

    Records ``conversation.reopened``. An open conversation is left as it is.
    """
    at = at or timezone.now()
    conversation = locked(conversation)
    if not conversation.is_resolved:
        return conversation
    last = conversation.resolutions.order_by("-at", "-id").first()
    if last is not None:
        last.reopened_at, last.reopened_by, last.reopen_reason = at, by, reason[:32]
        last.save(update_fields=["reopened_at", "reopened_by", "reopen_reason"])
    conversation.state = State.OPEN
    conversation.resolved_at = None
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.save(update_fields=["state", "resolved_at", "last_activity_at"])
    record(events.CONVERSATION_REOPENED, conversation_id=conversation.pk, by=by, at=at, data={"reason": reason})
    return conversation


def _check(solved: bool | None, outcome: str, cause: str) -> None:
    if solved is False:
        raise InvalidInput("not_solved", _("It is not solved yet, so it stays open. Say what is still missing."))
    if outcome not in Resolution.Outcome.values:
        raise InvalidInput("unknown_outcome", _("Choose an outcome."), data={"outcome": outcome})
    if cause not in Resolution.Cause.values:
        raise InvalidInput("unknown_cause", _("Choose a cause."), data={"cause": cause})
