"""Through the real table of listeners: what happens elsewhere moves clocks and queue in the same transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.models import Job
from careloop.conversations.models import Inbox, Resolution
from careloop.conversations.services.describing import note_courtesy
from careloop.conversations.services.holding import assign, snooze, wake
from careloop.conversations.services.posting import Content, add_customer_message, post_automatic, post_reply
from careloop.conversations.services.resolution import reopen, resolve
from careloop.customers.models import Customer
from careloop.routing.models import QueueEntry
from careloop.routing.tests.factories import ago, waiting
from careloop.sla.models import Clock
from careloop.sla.services.watching import watch
from careloop.triage.models import Prediction
from careloop.triage.services.correcting import correct, label_by_hand, raise_alarm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture
def entry(mei: Customer, email_inbox: Inbox) -> QueueEntry:
    return waiting(mei, email_inbox, handling_class="C")


def state_of(entry: QueueEntry) -> str:
    return QueueEntry.objects.get(pk=entry.pk).state


def clock_states(entry: QueueEntry) -> dict[str, str]:
    return dict(Clock.objects.filter(conversation=entry.conversation_id).values_list("kind", "state"))


def test_an_answer_stops_the_clock_leaves_the_queue_and_makes_room(entry: QueueEntry, lin: User) -> None:
    post_reply(entry.conversation, by=lin, text="您好，我来帮您查询，今天内给您答复。")
    assert clock_states(entry)["first_response"] == "met"
    assert state_of(entry) == "idle"
    assert Job.objects.filter(task__endswith="pull_on_room").exists()


def test_an_automatic_acknowledgement_stops_no_clock(entry: QueueEntry) -> None:
    post_automatic(entry.conversation, text="已收到您的来信。", purpose="acknowledgement")
    assert clock_states(entry)["first_response"] == "running"
    assert state_of(entry) == "queued"


def test_resolving_and_reopening_restart_the_solution_clock_and_the_place(entry: QueueEntry, lin: User) -> None:
    resolve(
        entry.conversation, by=lin, solved=True, satisfied=None,
        outcome=Resolution.Outcome.ANSWERED, cause=Resolution.Cause.OTHER,
    )  # fmt: skip
    assert state_of(entry) == "idle"
    label_by_hand(entry.conversation, "handling_class", "D", by=None, source=Prediction.Source.IMPORTED)
    reopen(entry.conversation, by=lin, reason="customer_wrote")
    found = QueueEntry.objects.get()
    assert (found.state, found.is_reopened, found.parts["parts"]["factor"]) == ("queued", True, 1.25)
    assert Clock.objects.get(kind="resolution", stopped_at=None).policy_row == "class-d"


def test_a_mere_thank_you_owes_nothing(entry: QueueEntry, lin: User, mei: Customer) -> None:
    conversation = entry.conversation
    post_reply(conversation, by=lin, text="已为您安排退款。")
    message = add_customer_message(conversation, Content(text="谢谢"), customer=mei)
    note_courtesy(conversation, at=message.created_at)
    assert state_of(entry) == "idle"


def test_a_thank_you_beside_an_open_question_keeps_its_clock(entry: QueueEntry, mei: Customer) -> None:
    message = add_customer_message(entry.conversation, Content(text="谢谢"), customer=mei)
    note_courtesy(entry.conversation, at=message.created_at)
    assert clock_states(entry)["first_response"] == "running"
    assert state_of(entry) == "queued"


def test_a_snooze_takes_it_out_and_waking_brings_it_back(entry: QueueEntry, lin: User) -> None:
    snooze(entry.conversation, by=lin, wake_at=timezone.now() + timedelta(hours=1))
    assert state_of(entry) == "idle"
    wake(entry.conversation)
    assert state_of(entry) == "queued"


def test_the_place_follows_the_owner(entry: QueueEntry, lin: User) -> None:
    assign(entry.conversation, user=lin, team=entry.conversation.team, by=lin)
    assert state_of(entry) == "claimed"
    assign(entry.conversation, user=None, team=entry.conversation.team, by=lin)
    assert state_of(entry) == "queued"


def test_a_correction_moves_clock_place_and_owner(entry: QueueEntry, lin: User, chen: User) -> None:  # mission 76
    prediction = label_by_hand(entry.conversation, "handling_class", "C", by=None, source=Prediction.Source.IMPORTED)
    correct(prediction, "D", by=lin)
    entry.conversation.refresh_from_db()
    assert Clock.objects.get(kind="resolution").policy_row == "class-d"
    assert QueueEntry.objects.get().parts["inputs"]["handling_class"] == "D"
    assert entry.conversation.assignee == chen


def test_a_breach_raises_the_place_of_the_late_case(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox, since=ago(days=9), handling_class="C")
    watch()
    late = QueueEntry.objects.get()
    assert late.parts["inputs"]["is_late"] is True
    assert late.klass > entry.klass


def test_danger_that_a_person_sees_goes_before_everything_and_is_owed_at_once(entry: QueueEntry, lin: User) -> None:
    before = Clock.objects.get(conversation=entry.conversation_id, kind="first_response").due_at
    raise_alarm(entry.conversation, "injury", by=lin)
    assert QueueEntry.objects.get(pk=entry.pk).tier == 0
    assert Clock.objects.get(conversation=entry.conversation_id, kind="first_response").due_at < before
