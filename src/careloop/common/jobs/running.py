"""How one claimed job is run and settled."""

import logging
import os
import secrets
import socket
from datetime import datetime, timedelta
from functools import cache
from traceback import format_exception
from typing import Any

from django.db import transaction
from django.utils import translation
from django_tasks.base import Task, TaskContext
from django_tasks.utils import normalize_json

from careloop.common import events
from careloop.common.jobs import leases
from careloop.common.jobs.backend import result_of, task_named
from careloop.common.jobs.events import JOB_DIED
from careloop.common.jobs.leases import Claim
from careloop.common.jobs.policy import RetryLater, policy_of
from careloop.common.models import Job

MAX_ERROR_CHARACTERS = 8000

log = logging.getLogger(__name__)
known_task = cache(task_named)


def worker_name() -> str:
    """A name for this process, never used twice: a restarted worker must not pass for its predecessor."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def run(job: Claim) -> Any:
    """Run the task in this thread and return its result; whatever it raises goes to the caller."""
    task = known_task(job.task)
    try:
        if task.takes_context:
            return normalize_json(task.call(_context(job, task), *job.args, **job.kwargs))
        return normalize_json(task.call(*job.args, **job.kwargs))
    finally:
        translation.deactivate()  # A task may speak a customer's language; the next one must not inherit it.


def settle_failure(job: Claim, error: BaseException) -> None:
    """Put the job back for its next attempt, or bury it after the last one or a permanent error."""
    policy = policy_of(known_task(job.task).func) if _exists(job.task) else None
    error_class = f"{type(error).__module__}.{type(error).__qualname__}"
    trace = "".join(format_exception(error))[-MAX_ERROR_CHARACTERS:]
    if policy is None or job.is_last_attempt or policy.gives_up_on(error):
        _bury(job, error_class, trace)
        return
    delay_seconds = policy.delay_seconds(job.attempt, error)
    leases.put_back(job, error_class, trace, delay_seconds)
    reason = "asked to wait" if isinstance(error, RetryLater) else f"failed with {error_class}"
    log.warning("%s #%d %s; next attempt in %.1f s", job.task, job.job_id, reason, delay_seconds)


def run_pending_jobs(*, now: datetime | None = None, raising: bool = True, at_most: int = 10_000) -> int:
    """Run all due jobs, and those they enqueue, in this thread; returns how many were run.

    For tests and commands. `now` may lie in the future, to run what waits. A failed job is settled as a
    worker would settle it; then its error is raised, unless `raising` is off.
    """
    worker = worker_name()
    for count in range(at_most):
        job = leases.claim(worker, timedelta(minutes=10), now=now)
        if job is None:
            return count
        try:
            leases.finish(job, run(job))
        except Exception as error:
            settle_failure(job, error)
            if raising:
                raise
    raise RuntimeError(f"{at_most} jobs were run and more are due: do two tasks enqueue each other?")


def _bury(job: Claim, error_class: str, trace: str) -> None:
    with transaction.atomic():
        if leases.bury(job, error_class, trace):
            data = {"task": job.task, "error": error_class}
            events.record(JOB_DIED, subject="job", subject_id=job.job_id, data=data)
    log.error("%s #%d was given up after attempt %d\n%s", job.task, job.job_id, job.attempt, trace)


def _exists(path: str) -> bool:
    try:
        known_task(path)
    except ImportError:
        return False
    return True


def _context(job: Claim, task: Task[..., Any]) -> TaskContext:
    return TaskContext(task_result=result_of(Job.objects.get(pk=job.job_id), task))
