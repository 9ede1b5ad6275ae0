"""Clocks in the background."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.sla.services.recomputing import recompute_after, tell_recomputed
from careloop.sla.services.watching import watch


@task()
def watch_clocks() -> int:
    """Warn of what is nearly due and mark what is late; every minute."""
    return watch()


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def recompute_clocks(event_id: int, behind: int = 0, moved: int = 0) -> int:
    """Listens to changed calendars, hours, targets and customers: 200 conversations at a time, then the next ones."""
    event = Event.objects.get(pk=event_id)
    progress = recompute_after(event, behind=behind)
    moved += progress.moved
    if progress.last is None:
        tell_recomputed(event, moved)
    else:
        recompute_clocks.enqueue(event_id, progress.last, moved)
    return moved
