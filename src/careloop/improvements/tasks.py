from __future__ import annotations

from django_tasks import task

from careloop.common.jobs import retrying
from careloop.improvements.services.looking import look_at_all


@task()
@retrying(max_attempts=3, base_seconds=60)
def look_at_questions() -> None:
    """Once a week: what was asked, and which of it no article answers."""
    look_at_all()
