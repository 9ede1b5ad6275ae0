"""Routing in the background."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from careloop.accounts.models import Presence
from careloop.common.models import Event
from careloop.common.remembering import SECONDS
from careloop.conversations.models import Conversation
from careloop.routing.services.routing import pull_next_for
from careloop.routing.services.simulating import run
from careloop.routing.services.weighing import rescore_batch, rescore_some_of


@task()
def pull_on_presence(event_id: int) -> None:
    """Somebody came to the desk: give them what waits and fits."""
    event = Event.objects.get(pk=event_id)
    if event.data["state"] == Presence.State.ONLINE and event.subject_id is not None:
        pull_next_for(event.subject_id)


@task()
def pull_on_room(event_id: int) -> None:
    """An answer or a resolution made room: give the owner the next."""
    event = Event.objects.get(pk=event_id)
    assert event.conversation_id is not None, f"{event.name} names no conversation"
    owner = Conversation.objects.filter(pk=event.conversation_id).values_list("assignee_id", flat=True).first()
    if owner is not None:
        pull_next_for(owner)


@task()
def rescore_customer(event_id: int, after_id: int = 0) -> None:
    """What customers are to us changed, or two records were one person: what waits of theirs is scored anew."""
    event = Event.objects.get(pk=event_id)
    last = rescore_some_of(event.data.get("customers") or [event.subject_id or 0], after_id)
    if last is not None:
        rescore_customer.enqueue(event_id, last)


@task()
def run_simulation(event_id: int) -> None:
    """Replay the last months under other weights, in a child process. Run twice, it starts over."""
    run(Event.objects.get(pk=event_id).subject_id or 0)


@task()
def rescore_queue(event_id: int, after_id: int = 0, is_last_look: bool = False) -> None:
    """Score the queue with the new weights, a batch a job, so that nothing else has to wait.

    A process that remembered the old weights may have placed something behind our back: once they must be forgotten
    everywhere, a last look finds it.
    """
    last = rescore_batch(after_id)
    if last is not None:
        rescore_queue.enqueue(event_id, last, is_last_look)
    elif not is_last_look:
        later = timezone.now() + timedelta(seconds=2 * SECONDS)
        rescore_queue.using(run_after=later).enqueue(event_id, is_last_look=True)
