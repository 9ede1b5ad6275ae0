"""Work that is due again and again: the schedule is one list, each entry runs once for all workers.

A run is claimed by moving its due time forward with a conditional update; the worker whose update changed
the row enqueues the task in the same transaction. Due times lie on multiples of the interval, so they do
not drift, and what was missed while nothing ran is made up once, not many times.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from careloop.common.jobs.backend import enqueue_once, task_named
from careloop.common.models import RecurringRun

EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # A Monday, so that weekly slots begin with the week.


@dataclass(frozen=True)
class Recurring:
    """One entry of the schedule. `offset` moves the slots, as in "daily at 02:30 UTC"."""

    name: str
    task: str
    every: timedelta
    sentence: str
    offset: timedelta = field(default=timedelta())

    def next_due(self, now: datetime) -> datetime:
        """The first slot after `now`."""
        slots = (now - EPOCH - self.offset) // self.every
        return EPOCH + self.offset + (slots + 1) * self.every


def schedule() -> Sequence[Recurring]:
    """The list in `config/schedule.py`, found by the setting CARELOOP_SCHEDULE."""
    entries: Sequence[Recurring] = import_string(settings.CARELOOP_SCHEDULE)
    return entries


def enqueue_due(entries: Sequence[Recurring], now: datetime | None = None) -> list[str]:
    """Enqueue what is due and not claimed by another worker; returns the names."""
    now = now or timezone.now()
    due_at = dict(RecurringRun.objects.values_list("name", "due_at"))
    _add_missing([entry for entry in entries if entry.name not in due_at], now)
    return [entry.name for entry in entries if due_at.get(entry.name, now) < now and _claim(entry, now)]


def _claim(entry: Recurring, now: datetime) -> bool:
    with transaction.atomic():
        waiting = RecurringRun.objects.filter(name=entry.name, due_at__lte=now)
        is_ours = waiting.update(due_at=entry.next_due(now), last_run_at=now) == 1
        if is_ours:
            # A slow run is not followed by a queue of others.
            enqueue_once(task_named(entry.task), key=f"recurring: {entry.name}")
        return is_ours


def _add_missing(entries: Sequence[Recurring], now: datetime) -> None:
    if entries:
        rows = [RecurringRun(name=entry.name, due_at=entry.next_due(now)) for entry in entries]
        RecurringRun.objects.bulk_create(rows, ignore_conflicts=True)
