from __future__ import annotations

from django_tasks import task

from careloop.common.models import Event
from careloop.customers.services import spending


@task()
def rank_spend(event_id: int) -> None:
    """An order came or two records were one person: where the spend of those customers stands."""
    event = Event.objects.get(pk=event_id)
    spending.rank(event.data.get("customers") or [event.subject_id or 0])
