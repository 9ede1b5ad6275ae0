"""The SQL of the queue: claim one job, settle it, extend the leases, take back what a dead worker held.

Every statement is a conditional update. Whoever settles names the worker and the attempt it was given, so a
worker that was believed dead and comes back cannot overwrite the outcome of the one that took over.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from careloop.common.models import Job, JobState

NEXT_JOB = """
    SELECT id FROM common_job WHERE state = 'ready' AND run_after <= %s
    ORDER BY priority DESC, run_after, id LIMIT 1"""
CLAIM = """
    UPDATE common_job SET state = 'running', worker = %s, lease_until = %s, started_at = %s,
        attempts = attempts + 1, dedupe_key = NULL
    WHERE id {chosen}
    RETURNING id, task, arguments, attempts, max_attempts, run_after"""
CLAIM_SQLITE = CLAIM.format(chosen=f"= ({NEXT_JOB})")
# The array is computed once; a plain sub-select may be run again and lock rows that are then not updated.
CLAIM_POSTGRESQL = CLAIM.format(chosen=f"= ANY(ARRAY({NEXT_JOB} FOR UPDATE SKIP LOCKED))")
FINISH = """
    UPDATE common_job SET state = 'done', finished_at = %s, lease_until = NULL, result = %s,
        error_class = '', error = ''
    WHERE id = %s AND state = 'running' AND worker = %s AND attempts = %s"""


@dataclass(frozen=True)
class Claim:
    """One attempt at one job, ours until the lease ends."""

    job_id: int
    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    attempt: int
    max_attempts: int
    worker: str
    due_at: datetime

    @property
    def overdue_seconds(self) -> float:
        return (timezone.now() - self.due_at).total_seconds()

    @property
    def is_last_attempt(self) -> bool:
        return self.attempt >= self.max_attempts


def claim(worker: str, lease: timedelta, *, now: datetime | None = None) -> Claim | None:
    """Take the most urgent due job, if there is one; the attempt is counted now, so a crash counts too."""
    now = now or timezone.now()
    adapt = connection.ops.adapt_datetimefield_value
    sql = CLAIM_POSTGRESQL if connection.vendor == "postgresql" else CLAIM_SQLITE
    with connection.cursor() as cursor:
        cursor.execute(sql, [worker, adapt(timezone.now() + lease), adapt(now), adapt(now)])
        row = cursor.fetchone()
    return _claim_from(row, worker) if row else None


def finish(done: Claim, result: Any) -> bool:
    """Mark the job done; False when the lease was lost and another attempt has taken over."""
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    kept = None if result is None else json.dumps(result)
    with connection.cursor() as cursor:
        cursor.execute(FINISH, [moment, kept, done.job_id, done.worker, done.attempt])
        return cursor.rowcount == 1


def finish_and_claim(done: Claim, result: Any, lease: timedelta) -> Claim | None:
    """Finish one and take the next, on SQLite in one transaction."""
    with cheap_commit():
        finish(done, result)
        return claim(done.worker, lease)


def put_back(failed: Claim, error_class: str, error: str, delay_seconds: float) -> bool:
    """Let the job wait for its next attempt."""
    return bool(
        _ours(failed).update(
            state=JobState.READY,
            run_after=timezone.now() + timedelta(seconds=delay_seconds),
            lease_until=None,
            error_class=error_class,
            error=error,
        )
    )


def bury(failed: Claim, error_class: str, error: str) -> bool:
    """Give the job up; it stays as a dead letter until someone runs it again or discards it."""
    return bool(
        _ours(failed).update(
            state=JobState.DEAD,
            finished_at=timezone.now(),
            lease_until=None,
            error_class=error_class,
            error=error,
        )
    )


def extend(worker: str, job_ids: Iterable[int], lease: timedelta) -> None:
    """Say that the worker is alive and still has these jobs in hand."""
    ids = list(job_ids)
    if ids:
        held = Job.objects.filter(pk__in=ids, state=JobState.RUNNING, worker=worker)
        held.update(lease_until=timezone.now() + lease)


def reap(*, now: datetime | None = None, everyone: bool = False) -> int:
    """Take back jobs whose worker died: ready again, or dead after the last attempt. Returns how many.

    `everyone` takes back all that run; only for one who knows that no other worker lives.
    """
    orphans = Job.objects.filter(state=JobState.RUNNING)
    if not everyone:
        orphans = orphans.filter(lease_until__lt=now or timezone.now())
    if not orphans.exists():
        return 0
    lost = {"lease_until": None, "error_class": "WorkerLost", "error": "The worker ended before the job did."}
    again = orphans.filter(attempts__lt=F("max_attempts"))
    count = again.update(state=JobState.READY, run_after=timezone.now(), **lost)
    return count + orphans.update(state=JobState.DEAD, finished_at=timezone.now(), **lost)


def is_any_due(now: datetime | None = None) -> bool:
    """A cheap look, without any lock."""
    return Job.objects.due(now or timezone.now()).exists()


def _ours(held: Claim) -> Any:
    return Job.objects.filter(pk=held.job_id, state=JobState.RUNNING, worker=held.worker, attempts=held.attempt)


@contextmanager
def cheap_commit() -> Iterator[None]:
    """One transaction on SQLite that does not wait for the disk; nothing on PostgreSQL.

    At power loss a claim or a finish may be forgotten; the job is then done once more, as it must bear.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.losing_at_most_this_at_power_loss(), transaction.atomic():  # type: ignore[attr-defined]
        yield


def _claim_from(row: tuple[Any, ...], worker: str) -> Claim:
    job_id, task, arguments, attempt, max_attempts, run_after = row
    given = json.loads(arguments) if isinstance(arguments, str) else arguments
    # SQLite keeps moments in UTC without saying so.
    due_at = run_after if run_after.tzinfo else run_after.replace(tzinfo=UTC)
    return Claim(job_id, task, given["args"], given["kwargs"], attempt, max_attempts, worker, due_at)
