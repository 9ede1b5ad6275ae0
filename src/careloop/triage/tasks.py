"""Triage in the background."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django_tasks import task

from careloop.common.jobs import retrying
from careloop.common.models import Event
from careloop.conversations.models import Message
from careloop.triage.models import TrainingRun
from careloop.triage.services import asking, counting, second_opinion, splitting, training, trimming


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def mark_unsure(event_id: int, below_id: int | None = None) -> None:
    """Listens to ``triage.threshold_changed``: one step of the answers, then the next."""
    event = Event.objects.get(pk=event_id)
    below_id = asking.mark_unsure(str(event.data["head"]), below_id)
    if below_id is not None:
        mark_unsure.enqueue(event_id, below_id)


@task()
@retrying(max_attempts=8, base_seconds=2, permanent=(ObjectDoesNotExist,))
def carry_over_split(event_id: int) -> None:
    """Listens to ``taxonomy.split``: one step of what has the old label, then the next."""
    event = Event.objects.get(pk=event_id)
    if splitting.carry_over(event.subject_id or 0):
        carry_over_split.enqueue(event_id)


@task()
@retrying(max_attempts=3, base_seconds=60, permanent=(ObjectDoesNotExist,))
def train_head(event_id: int) -> None:
    """Listens to ``triage.training_asked``: train apart, keep what came of it, decide."""
    event = Event.objects.get(pk=event_id)
    training.carry_out(TrainingRun.objects.get(pk=event.subject_id or 0))


@task()
def retrain_where_due() -> list[str]:
    """Order a training of every head with enough new labels; every night."""
    return training.ask_where_due()


@task()
@retrying(max_attempts=3, base_seconds=10, permanent=(ObjectDoesNotExist,))
def ask_language_model(message_id: int, heads: list[str]) -> list[str]:
    """Ask the language-model service about these heads of a message; the heads that changed."""
    rows = Message.objects.select_related("conversation__customer", "conversation__assignee")
    return [row.head for row in second_opinion.seek(rows.get(pk=message_id), heads)]


@task()
def count_answers() -> list[str]:
    """Count new answers and corrections by week, and warn of a whole week that drifted; every hour."""
    for _step in counting.steps():
        pass
    return counting.warn_of_drift()


@task()
def trim_reviews() -> int:
    """Take off the review queue what is not worth asking; every hour."""
    return trimming.trim()
