from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.care.services.opening import open_follow_up
from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.conversations.models import Resolution


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def open_after_resolution(event_id: int) -> None:
    """Listens to ``conversation.resolved``: one follow-up for a complaint."""
    event = Event.objects.get(pk=event_id)
    rows = Resolution.objects.select_related("conversation__customer", "conversation__assignee")
    open_follow_up(rows.get(pk=event.subject_id or 0))
