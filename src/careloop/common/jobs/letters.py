"""What a person may do with a job that was given up or that waits: run it again, or discard it."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from careloop.common import events
from careloop.common.jobs.bell import bell
from careloop.common.jobs.events import JOB_DISCARDED, JOB_RUN_AGAIN
from careloop.common.models import Job, JobState


def run_again(job_id: int, by: AbstractBaseUser) -> bool:
    """Let a dead, discarded or waiting job run now, with all its attempts; records `job.run_again`.

    False when the job is running or done.
    """
    again = {"state": JobState.READY, "attempts": 0, "run_after": timezone.now(), "finished_at": None}
    return _change(job_id, (JobState.DEAD, JobState.CANCELLED, JobState.READY), again, JOB_RUN_AGAIN, by)


def discard(job_id: int, by: AbstractBaseUser) -> bool:
    """Give a dead or waiting job up for good; records `job.discarded`. False when it is running or done."""
    gone = {"state": JobState.CANCELLED, "finished_at": timezone.now()}
    return _change(job_id, (JobState.DEAD, JobState.READY), gone, JOB_DISCARDED, by)


def _change(
    job_id: int, states: tuple[JobState, ...], changes: dict[str, object], event: str, by: AbstractBaseUser
) -> bool:
    with transaction.atomic():
        if not Job.objects.filter(pk=job_id, state__in=states).update(**changes):
            return False
        task = Job.objects.values_list("task", flat=True).get(pk=job_id)
        events.record(event, by=by, subject="job", subject_id=job_id, data={"task": task})
        transaction.on_commit(bell.ring)
    return True
