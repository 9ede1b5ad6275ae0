"""The Django Tasks API over leased rows in our own database."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json
from typing_extensions import ParamSpec

from careloop.common.db.rows import insert
from careloop.common.jobs.bell import bell
from careloop.common.jobs.policy import policy_of

P = ParamSpec("P")
T = TypeVar("T")

NOTIFY_CHANNEL = "careloop_jobs"
STATUS_OF = {
    "ready": TaskResultStatus.READY,
    "running": TaskResultStatus.RUNNING,
    "done": TaskResultStatus.SUCCESSFUL,
    "dead": TaskResultStatus.FAILED,
    "cancelled": TaskResultStatus.FAILED,
}


class LeasedBackend(BaseTaskBackend):
    """Enqueues by one INSERT in the caller's transaction; workers claim the rows, see `leases`."""

    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task[P, T], args: Any, kwargs: Any) -> TaskResult[T]:
        self.validate_task(task)
        job = _job_for(task, args, kwargs)
        insert([job])
        _announce()
        return result_of(job, task)

    def get_result(self, result_id: str) -> TaskResult[Any]:
        from careloop.common.models import Job

        try:
            job = Job.objects.get(pk=int(result_id))
        except (Job.DoesNotExist, ValueError) as error:
            raise TaskResultDoesNotExist(result_id) from error
        return result_of(job, task_named(job.task))


def enqueue_each(tasks: Sequence[Task[..., Any]], *args: Any) -> None:
    """Enqueue several tasks with the same arguments by one INSERT, and ask for no results."""
    insert([_job_for(task, args, {}) for task in tasks])
    _announce(len(tasks))


def enqueue_once(task: Task[..., Any], *args: Any, key: str, **kwargs: Any) -> None:
    """Enqueue unless a job with this key is waiting already.

    A job that is running does not count: it may have read what has just been changed.
    """
    from careloop.common.models import Job

    job = _job_for(task, args, kwargs)
    job.dedupe_key = key
    Job.objects.bulk_create([job], ignore_conflicts=True)
    _announce()


def task_named(path: str) -> Task[..., Any]:
    """The task at a dotted path; raises ImportError when there is none (any more)."""
    task = import_string(path)
    if isinstance(task, Task):
        return task
    raise ImportError(f"{path} is not a task")


def result_of(job: Any, task: Task[P, T]) -> TaskResult[T]:
    """What the standard API shows of a job."""
    result: TaskResult[T] = TaskResult(
        task=task,
        id=str(job.pk),
        status=STATUS_OF[job.state],
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        last_attempted_at=job.started_at,
        finished_at=job.finished_at,
        args=job.positional,
        kwargs=job.named,
        backend=task.backend,
        errors=[TaskError(exception_class_path=job.error_class, traceback=job.error)] if job.error_class else [],
        worker_ids=[job.worker] * job.attempts,
    )
    object.__setattr__(result, "_return_value", job.result)
    return result


def _job_for(task: Task[..., Any], args: Any, kwargs: Any) -> Any:
    from careloop.common.models import Job

    now = timezone.now()
    return Job(
        task=task.module_path,
        arguments={"args": normalize_json(args), "kwargs": normalize_json(kwargs)},
        queue=task.queue_name,
        priority=task.priority,
        enqueued_at=now,
        run_after=task.run_after or now,
        max_attempts=policy_of(task.func).max_attempts,
    )


def _announce(jobs: int = 1) -> None:
    """Wake a worker a job once they are committed: here by the bell, elsewhere by PostgreSQL's NOTIFY."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {NOTIFY_CHANNEL}")
    for _job in range(jobs):
        transaction.on_commit(bell.ring)
