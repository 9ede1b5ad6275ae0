"""The queue's own recurring work."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from careloop.common.models import Job

KEPT_AFTER_FINISH = timedelta(days=7)
ROWS_AT_A_TIME = 500


@task()
def forget_finished_jobs() -> int:
    """Delete jobs done or discarded a week ago, in short transactions; returns how many. Dead ones stay."""
    finished = Job.objects.finished_before(timezone.now() - KEPT_AFTER_FINISH)
    count = 0
    while ids := list(finished.values_list("pk", flat=True)[:ROWS_AT_A_TIME]):
        count += Job.objects.filter(pk__in=ids).delete()[0]
    return count
