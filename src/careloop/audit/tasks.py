from __future__ import annotations

from django_tasks import task

from careloop.audit.services import reading


@task()
def forget_old_reads() -> int:
    return reading.forget_old_reads()
