"""Triage in the background."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.triage.services import asking


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def mark_unsure(event_id: int, below_id: int | None = None) -> None:
    """Listens to ``triage.threshold_changed``: one step of the answers, then the next."""
    event = Event.objects.get(pk=event_id)
    below_id = asking.mark_unsure(str(event.data["head"]), below_id)
    if below_id is not None:
        mark_unsure.enqueue(event_id, below_id)
