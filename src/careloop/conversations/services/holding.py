"""Who holds a conversation, and setting it aside for a while."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.db.rows import insert, update
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Assignment, Conversation, Snooze, State
from careloop.conversations.services.locking import locked

if TYPE_CHECKING:
    from careloop.accounts.models import Team, User


END_OPEN = "UPDATE conversations_assignment SET until = %s WHERE conversation_id = %s AND until IS NULL"


@writes
def assign(
    conversation: Conversation,
    *,
    user: User | None,
    team: Team | None,
    by: User | None,
    reason: str = "",
    at: datetime | None = None,
) -> Conversation:
    """Give it to a person, a team, or back to the queue (``user=None``).

    Closes the open assignment, opens another, records ``conversation.assigned``. Giving it to whom it
    already belongs changes nothing.
    """
    conversation = locked(conversation)
    give(
        conversation, user_id=user.pk if user else None, team_id=team.pk if team else None, by=by, reason=reason, at=at
    )  # fmt: skip
    conversation.assignee, conversation.team = user, team
    return conversation


@writes
def give(
    conversation: Conversation,
    *,
    user_id: int | None,
    team_id: int | None,
    by: User | None,
    reason: str = "",
    at: datetime | None = None,
) -> Conversation:
    """As ``assign``, for a caller that knows person and team by their numbers."""
    at = at or timezone.now()
    conversation = locked(conversation)
    if (conversation.assignee_id, conversation.team_id) == (user_id, team_id):
        return conversation
    _end_open(conversation, at)
    insert([
        Assignment(
            conversation=conversation, user_id=user_id, team_id=team_id, by=by, at=at, reason=str(reason)[:200]
        )
    ])  # fmt: skip
    conversation.assignee_id, conversation.team_id = user_id, team_id
    update(conversation, "assignee", "team")
    record(
        events.CONVERSATION_ASSIGNED, conversation_id=conversation.pk, by=by, at=at,
        data={"user": user_id, "team": team_id, "reason": str(reason)[:200]},
    )  # fmt: skip
    return conversation


def _end_open(conversation: Conversation, at: datetime) -> None:
    """The open assignment ends. Written out: it runs for every message, and composing it took longer than running."""
    with connection.cursor() as cursor:
        cursor.execute(END_OPEN, [connection.ops.adapt_datetimefield_value(at), conversation.pk])


@writes
def snooze(conversation: Conversation, *, by: User, wake_at: datetime, at: datetime | None = None) -> Snooze:
    """Set it aside until ``wake_at``; a customer's message wakes it sooner. Records ``conversation.snoozed``.

    Raises :class:`Conflict` for a resolved one: waking would open it again without anybody having decided so.
    """
    at = at or timezone.now()
    if wake_at <= at:
        raise InvalidInput("snooze_in_the_past", _("Choose a moment in the future."))
    conversation = locked(conversation)
    if conversation.is_resolved:
        raise Conflict("resolved", _("It is resolved; reopen it before setting it aside."))
    conversation.snoozes.filter(woken_at=None).update(woken_at=at)
    row = Snooze.objects.create(conversation=conversation, by=by, at=at, wake_at=wake_at)
    conversation.state = State.SNOOZED
    conversation.save(update_fields=["state"])
    record(
        events.CONVERSATION_SNOOZED, conversation_id=conversation.pk, by=by, at=at,
        data={"wake_at": wake_at.isoformat()},
    )  # fmt: skip
    return row


@writes
def wake(conversation: Conversation, *, at: datetime | None = None) -> Conversation:
    """End the snooze. Records ``conversation.woken`` when it was asleep."""
    at = at or timezone.now()
    conversation = locked(conversation)
    conversation.snoozes.filter(woken_at=None).update(woken_at=at)
    if conversation.state == State.SNOOZED:
        conversation.state = State.OPEN
        conversation.last_activity_at = max(conversation.last_activity_at, at)
        conversation.save(update_fields=["state", "last_activity_at"])
        record(events.CONVERSATION_WOKEN, conversation_id=conversation.pk, at=at)
    return conversation


def wake_due(*, at: datetime | None = None, limit: int = 200) -> int:
    """Wake everything whose time has come; how many. Each in its own transaction; safe to run twice."""
    at = at or timezone.now()
    due = Snooze.objects.filter(woken_at=None, wake_at__lte=at).select_related("conversation")[:limit]
    for row in due:
        wake(row.conversation, at=at)
    return len(due)
