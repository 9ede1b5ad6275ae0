"""Put a conversation into the queue, move it when we learn more, take it out when nobody waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from careloop.accounts.permissions import Permission, require
from careloop.common.db.rows import insert
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Conversation, State
from careloop.conversations.services.locking import locked
from careloop.routing import events
from careloop.routing.models import QueueEntry
from careloop.routing.priority import STATUTORY
from careloop.routing.scoring import current_weights, inputs_of, place
from careloop.sla.facts import Labelled, facts_of
from careloop.sla.models import Clock
from careloop.sla.services.due import earliest_due

if TYPE_CHECKING:
    from careloop.accounts.models import User


_FOUND_ANEW = "(conversation_id) DO UPDATE SET " + ", ".join(
    f"{field.column} = excluded.{field.column}"
    for field in QueueEntry._meta.concrete_fields
    if field.name not in ("id", "conversation", "is_flagged", "is_reopened", "claimed_at", "held_because")
)
HAND_OVER = """
    UPDATE routing_queueentry SET team_id = %s, claimed_by_id = %s, claimed_at = {claimed_at}, held_because = '',
        state = CASE WHEN state = 'idle' THEN 'idle' ELSE '{state}' END
    WHERE conversation_id = %s"""
GIVE = HAND_OVER.format(claimed_at="%s", state=QueueEntry.State.CLAIMED.value)
LEAVE = "UPDATE routing_queueentry SET state = %s, held_because = '' WHERE conversation_id = %s"
TAKE_BACK = HAND_OVER.format(claimed_at="claimed_at", state=QueueEntry.State.QUEUED.value)


@writes
def prioritise(
    conversation: Conversation,
    predictions: Iterable[Labelled],
    *,
    clocks: Iterable[Clock] | None = None,
    since: datetime | None = None,
    is_reopened: bool = False,
) -> QueueEntry:
    """Score a conversation and keep the parts. Called again when message, clock, findings or owner change.

    ``clocks`` are its open clocks when the caller has just set them; for a first message nothing else can be known
    then, which saves a question. It waits since the earliest message nobody has answered; ``since`` is for work
    that came back without a message (reopened, woken).
    """
    facts = facts_of(locked(conversation), predictions)
    owed = list(Clock.objects.open().filter(conversation=conversation)) if clocks is None else list(clocks)
    is_arriving = clocks is not None and conversation.message_count == 1 and not is_reopened
    entry = _new_entry(conversation) if is_arriving else _entry(conversation)
    entry.is_reopened = entry.is_reopened or is_reopened
    inputs = inputs_of(conversation, facts, owed, conversation.inbox.slug)
    place(entry, inputs, current_weights())
    entry.skill = max(facts.get("nature", ()), default="")
    entry.due_at = _due(entry, inputs, owed)
    _stand(entry, conversation, since)
    _keep(entry)
    return entry


@writes
def rescore(conversation: Conversation, predictions: Iterable[Labelled]) -> QueueEntry | None:
    """Something the score depends on changed without news from the customer; None where nobody waits.

    What does not wait is scored when it does again. Writes nothing else and moves it to nobody.
    """
    locked(conversation)
    is_waiting = QueueEntry.objects.waiting().filter(conversation=conversation).exists()
    return prioritise(conversation, predictions) if is_waiting else None


@writes
def flag_danger(conversation: Conversation, predictions: Iterable[Labelled], *, by: User, is_on: bool) -> QueueEntry:
    """A person says: this one before everything (or: no longer). Records ``queue.flagged``."""
    require(by, Permission.TRIAGE_CORRECT)
    entry = _entry(locked(conversation))
    entry.is_flagged = is_on
    _keep(entry)
    record(events.QUEUE_FLAGGED, conversation_id=conversation.pk, by=by, data={"danger": is_on})
    return prioritise(conversation, predictions)


def mark_late(conversation_id: int) -> None:
    """A clock ran out: the entry climbs by the late factor. Inside the transaction that marked the clock."""
    entry = QueueEntry.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if entry is None or not entry.parts or entry.parts["inputs"]["is_late"]:
        return
    place(entry, entry.parts["inputs"] | {"is_late": True}, current_weights(), entry.parts["case"]["source"])
    entry.save(update_fields=["tier", "klass", "parts", "weights_version"])


def leave(conversation_id: int) -> None:
    """Nobody waits any more (answered, resolved, snoozed, thanked): out of the queue, the place is kept."""
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, [QueueEntry.State.IDLE, conversation_id])


def hand_over(conversation_id: int, *, user_id: int | None, team_id: int | None, at: datetime) -> None:
    """The conversation was given to somebody, or back: the entry follows, in the same transaction."""
    with connection.cursor() as cursor:
        if user_id is None:
            cursor.execute(TAKE_BACK, [team_id, None, conversation_id])
        else:
            claimed_at = connection.ops.adapt_datetimefield_value(at)
            cursor.execute(GIVE, [team_id, user_id, claimed_at, conversation_id])


def _due(entry: QueueEntry, inputs: dict[str, Any], owed: list[Clock]) -> datetime | None:
    """What its place goes by: the law's deadline where that is close, else the earliest of all."""
    if entry.tier == STATUTORY:
        return datetime.fromisoformat(inputs["statutory"]["due_at"])
    return earliest_due(owed)


def _entry(conversation: Conversation) -> QueueEntry:
    """The entry as the database has it, or a new one."""
    known = QueueEntry.objects.select_for_update().filter(conversation=conversation).first()
    return known or _new_entry(conversation)


def _new_entry(conversation: Conversation) -> QueueEntry:
    return QueueEntry(conversation=conversation, waiting_since=conversation.created_at)


def _keep(entry: QueueEntry) -> None:
    """Write it. Should a new one meet an older of the same conversation (the step ran twice), it takes its place."""
    if entry.pk:
        entry.save()
    else:
        insert([entry], on_conflict=_FOUND_ANEW)


def _stand(entry: QueueEntry, conversation: Conversation, since: datetime | None) -> None:
    """Where it stands now: in the queue, in somebody's hands, or nowhere because nobody waits."""
    states = QueueEntry.State
    was_waiting = entry.pk is not None and entry.state != states.IDLE
    waiting_since = conversation.waiting_since or since or (entry.waiting_since if was_waiting else None)
    entry.team_id = conversation.team_id
    entry.language = conversation.language
    entry.claimed_by_id = conversation.assignee_id
    entry.waiting_since = waiting_since or entry.waiting_since
    if waiting_since is None or conversation.state in (State.RESOLVED, State.SNOOZED):
        entry.state = states.IDLE
    else:
        entry.state = states.CLAIMED if conversation.assignee_id else states.QUEUED
