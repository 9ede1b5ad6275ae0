from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.conversations.models import Resolution
from careloop.surveys.models import Survey
from careloop.surveys.services import asking


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def ask_after_resolution(event_id: int) -> None:
    """Listens to ``conversation.resolved``: one survey for this resolution, its invitation a while later."""
    _ask(Event.objects.get(pk=event_id))


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def ask_after_release(event_id: int) -> None:
    """Listens to ``survey.released``: the same, now that a person has said so."""
    _ask(Event.objects.get(pk=event_id))


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def send_invitation(survey_id: int) -> None:
    asking.send(Survey.objects.select_related("conversation__customer").get(pk=survey_id))


def _ask(event: Event) -> None:
    resolution = Resolution.objects.select_related("conversation__customer").get(pk=event.subject_id or 0)
    survey = asking.ask(resolution)
    if survey is not None and asking.needs_invitation(survey):
        send_invitation.using(run_after=survey.asked_at + settings.CARELOOP_SURVEY_AFTER).enqueue(survey.pk)
