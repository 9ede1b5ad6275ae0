from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.conversations.models import Message
from careloop.portal import acknowledging, limiter


@task()
@retrying(max_attempts=4, base_seconds=2, max_seconds=15, permanent=(ObjectDoesNotExist,))
def acknowledge_received(event_id: int) -> None:
    """Listens to ``message.understood``: tell the customer that a new matter arrived."""
    event = Event.objects.get(pk=event_id)
    rows = Message.objects.select_related("conversation__inbox", "conversation__customer")
    acknowledging.acknowledge(rows.get(pk=event.subject_id or 0))


@task()
def forget_knocks() -> int:
    return limiter.forget_knocks()
