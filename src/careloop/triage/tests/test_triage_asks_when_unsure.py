"""Below its threshold a head's answer is marked for a person; an administrator sets the threshold (issue 3)."""

from __future__ import annotations

import pytest
from django.db import connection

from careloop.accounts.models import User
from careloop.common.errors import InvalidInput, NotAllowed
from careloop.common.models import Event, Job
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.models import Prediction
from careloop.triage.services.asking import mark_unsure, set_threshold
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import correct
from careloop.triage.tasks import mark_unsure as mark_unsure_task
from careloop.triage.tests.test_predictions_are_kept_and_corrected import begin
from careloop.triage.thresholds import SHIPPED, threshold_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(mei: Customer, email_inbox: Inbox) -> list[Prediction]:
    return classify(begin(email_inbox, mei, "那个东西的事情，你们看着办"))


def unsure() -> set[str]:
    return set(Prediction.objects.current().unsure().values_list("head", flat=True))


def test_an_answer_below_the_threshold_is_marked_for_a_person(told: list[Prediction]) -> None:
    expected = {row.head for row in told if row.confidence < SHIPPED.get(row.head, 0.0)}
    assert expected
    assert unsure() == expected


def test_a_crisis_signal_never_waits_for_a_person(mei: Customer, email_inbox: Inbox) -> None:
    classify(begin(email_inbox, mei, "我用了有点过敏"))
    assert "crisis" not in unsure()


def test_a_new_threshold_holds_at_once_and_marks_what_is_believed(told: list[Prediction], admin: User) -> None:
    set_threshold("nature", 0.0, by=admin)
    assert threshold_of("nature") == 0.0
    event = Event.objects.get(name=events.THRESHOLD_CHANGED)
    assert event.data == {"head": "nature", "from": SHIPPED["nature"], "to": 0.0}
    assert Job.objects.filter(task="careloop.triage.tasks.mark_unsure").count() == 1
    mark_unsure_task.call(event.pk)
    assert "nature" not in unsure()
    set_threshold("nature", 1.0, by=admin)
    assert mark_unsure("nature") is None
    assert "nature" in unsure()


def test_a_persons_word_is_never_unsure(told: list[Prediction], admin: User) -> None:
    correct(next(row for row in told if row.head == "nature"), "order", by=admin)
    set_threshold("nature", 1.0, by=admin)
    mark_unsure("nature")
    assert "nature" not in unsure()


@pytest.mark.parametrize(("head", "number"), [("crisis", 0.5), ("nothing", 0.5), ("nature", 1.5), ("nature", -0.1)])
def test_a_threshold_that_makes_no_sense_is_refused(admin: User, head: str, number: float) -> None:
    with pytest.raises(InvalidInput):
        set_threshold(head, number, by=admin)


def test_only_administrators_set_thresholds(lin: User, chen: User) -> None:
    for person in (lin, chen):
        with pytest.raises(NotAllowed):
            set_threshold("nature", 0.5, by=person)


def test_labels_of_a_head_are_read_through_their_index(db: None) -> None:
    rows = Prediction.objects.current().said_by_people().filter(head="nature").order_by("at")
    assert connection.vendor != "sqlite" or "prediction_labels" in rows.explain()
    unsure_rows = Prediction.objects.current().unsure().order_by("-pk")
    assert connection.vendor != "sqlite" or "prediction_unsure" in unsure_rows.explain()
