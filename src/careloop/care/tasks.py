from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.care.services import forecasting
from careloop.care.services.opening import open_follow_up
from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.conversations.models import Resolution
from careloop.customers.services import spending


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def open_after_resolution(event_id: int) -> None:
    """Listens to ``conversation.resolved``: one follow-up for a complaint."""
    event = Event.objects.get(pk=event_id)
    rows = Resolution.objects.select_related("conversation__customer", "conversation__assignee")
    open_follow_up(rows.get(pk=event.subject_id or 0))


@task()
def forecast_customers(after: int = 0) -> None:
    """Every night: what is expected of each customer, a few hundred at a time; each batch orders the next."""
    if not after:
        spending.renew_scales()
        forecasting.renew_rhythm()
    last = forecasting.forecast_some(after)
    if last is not None:
        forecast_customers.enqueue(last)
