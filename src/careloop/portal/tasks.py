from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.conversations.models import Message
from careloop.portal import acknowledging, limiter, mailing


@task()
@retrying(max_attempts=4, base_seconds=2, max_seconds=15, permanent=(ObjectDoesNotExist,))
def acknowledge_received(event_id: int) -> None:
    """Listens to ``message.understood``: tell the customer that a new matter arrived."""
    event = Event.objects.get(pk=event_id)
    rows = Message.objects.select_related("conversation__inbox", "conversation__customer")
    acknowledging.acknowledge(rows.get(pk=event.subject_id or 0))


@task()
@retrying(max_attempts=10, base_seconds=20, max_seconds=3600, permanent=(ObjectDoesNotExist,))
def mail_out(event_id: int) -> None:
    """Listens to what we say: whoever left an address reads it by mail too."""
    event = Event.objects.get(pk=event_id)
    rows = Message.objects.select_related("conversation__inbox", "conversation__customer")
    mailing.mail_out(rows.get(pk=event.subject_id or 0))


@task()
def forget_knocks() -> int:
    return limiter.forget_knocks()
