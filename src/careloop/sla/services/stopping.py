"""Stop clocks: met when in time, late when not, cancelled when nothing is owed any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from careloop.common.db.prepared import prepared
from careloop.common.db.rows import update
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.sla import events
from careloop.sla.models import Clock
from careloop.sla.services.due import keep_next_due

State = Clock.State
Chosen = Callable[[Clock], bool]

NAMES = {
    State.MET: events.CLOCK_MET,
    State.BREACHED: events.CLOCK_BREACHED,
    State.CANCELLED: events.CLOCK_CANCELLED,
}


def is_response(clock: Clock) -> bool:
    return clock.kind in Clock.RESPONSES


def is_answered(clock: Clock) -> bool:
    """What a person's answer ends: the answers we promised, and the acknowledgement and notice that a law wants."""
    return is_response(clock) or clock.kind in (Clock.Kind.ACKNOWLEDGEMENT, Clock.Kind.INTERIM)


def is_solved(clock: Clock) -> bool:
    """What the solution ends: our own promise, and the final reply that a law wants."""
    return clock.kind in (Clock.Kind.RESOLUTION, Clock.Kind.FINAL)


def is_idle_when_solved(clock: Clock) -> bool:
    return not is_solved(clock)


def is_any(_: Clock) -> bool:
    return True


def is_none(_: Clock) -> bool:
    return False


@writes
def stop_responses(conversation_id: int, *, at: datetime) -> list[Clock]:
    """A person answered: the answer clocks end. An automatic acknowledgement never comes here."""
    return end(conversation_id, at, stop=is_answered)


@writes
def stop_all(conversation_id: int, *, at: datetime) -> list[Clock]:
    """The case is resolved: solution and final reply end. An answer still owed is cancelled, unless it is late."""
    return end(conversation_id, at, stop=is_solved, cancel=is_idle_when_solved)


@writes
def cancel_responses(conversation_id: int, *, at: datetime) -> list[Clock]:
    """Nobody waits after all (a mere thank-you): no answer is owed."""
    return end(conversation_id, at, cancel=is_response)


@writes
def cancel_all(conversation_id: int, *, at: datetime) -> list[Clock]:
    """The conversation is no longer work of its own (merged, spam): nothing is owed."""
    return end(conversation_id, at, cancel=is_any)


def end(conversation_id: int, at: datetime, *, stop: Chosen = is_none, cancel: Chosen = is_none) -> list[Clock]:
    """End the chosen open clocks, in the caller's transaction.

    Records ``clock.met``, ``clock.cancelled`` or a breach not yet told.
    """
    clocks = _running(conversation_id)
    ended = [clock for clock in clocks if stop(clock) or cancel(clock)]
    if not ended:
        return []
    was_late = {clock.pk for clock in ended if clock.state == State.BREACHED}
    for clock in ended:
        _settle(clock, at, is_cancelled=cancel(clock))
    for clock in ended:
        update(clock, "state", "stopped_at", "breached_at")
    for clock in ended:
        if clock.pk not in was_late:
            _tell(clock, at)
    keep_next_due(conversation_id, clocks)
    return ended


@prepared
def _running(conversation: int) -> QuerySet[Clock]:
    return Clock.objects.select_for_update().filter(conversation=conversation, stopped_at=None)


def _settle(clock: Clock, at: datetime, *, is_cancelled: bool) -> None:
    """Late is late: whatever ends a clock after its due time, it stays breached at that time."""
    clock.stopped_at = at
    if clock.kind == Clock.Kind.CONTEXT:
        clock.state = State.CANCELLED
    elif clock.state == State.BREACHED or (clock.state == State.RUNNING and at > clock.due_at):
        clock.state, clock.breached_at = State.BREACHED, clock.breached_at or clock.due_at
    else:
        clock.state = State.CANCELLED if is_cancelled else State.MET


def _tell(clock: Clock, at: datetime) -> None:
    record(
        NAMES[State(clock.state)],
        conversation_id=clock.conversation_id,
        subject="clock",
        subject_id=clock.pk,
        at=at,
        data={"clock": clock.kind, "row": clock.policy_row, "due_at": clock.due_at.isoformat()},
    )
