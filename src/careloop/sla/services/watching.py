"""Warn before a deadline and say when one has passed. Only rows whose moment has come are read, by index."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import write
from careloop.sla import events
from careloop.sla.models import Clock, ClockQuerySet

BATCH = 50
MOST_BATCHES = 40


def watch(*, now: datetime | None = None) -> int:
    """Mark what is late, then warn of what soon will be; how many clocks were marked.

    Records ``clock.breached`` (``clock.passed`` where nobody owed it) and ``clock.warned`` once for each clock. Short
    transactions of 50 rows; several machines may do this at once, since a row another one holds is skipped. What is
    left waits for the next run.
    """
    now = now or timezone.now()
    marked = 0
    for step in (_mark_late, _warn):
        for _ in range(MOST_BATCHES):
            count = step(now)
            marked += count
            if count < BATCH:
                break
    return marked


def _mark_late(now: datetime) -> int:
    with write():
        late = _claimed(Clock.objects.overdue(now).order_by("due_at"))
        for clock in late:
            _settle(clock)
        Clock.objects.bulk_update(late, ["state", "breached_at", "stopped_at"])
        for clock in late:
            _tell(events.CLOCK_PASSED if clock.kind == Clock.Kind.CONTEXT else events.CLOCK_BREACHED, clock, now)
    return len(late)


def _settle(clock: Clock) -> None:
    """Ours is late and stays owed; a time that was nobody's debt is over."""
    if clock.kind == Clock.Kind.CONTEXT:
        clock.state, clock.stopped_at = Clock.State.PASSED, clock.due_at
    else:
        clock.state, clock.breached_at = Clock.State.BREACHED, clock.due_at


def _warn(now: datetime) -> int:
    with write():
        soon = _claimed(Clock.objects.to_warn(now).order_by("warn_at"))
        for clock in soon:
            clock.warned_at = now
        Clock.objects.bulk_update(soon, ["warned_at"])
        for clock in soon:
            _tell(events.CLOCK_WARNED, clock, now)
    return len(soon)


def _claimed(rows: ClockQuerySet) -> list[Clock]:
    return list(rows.select_for_update(skip_locked=True)[:BATCH])


def _tell(name: str, clock: Clock, now: datetime) -> None:
    record(
        name,
        conversation_id=clock.conversation_id,
        subject="clock",
        subject_id=clock.pk,
        at=now,
        data={"clock": clock.kind, "row": clock.policy_row, "due_at": clock.due_at.isoformat()},
    )
