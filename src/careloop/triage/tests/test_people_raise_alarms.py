"""A person sees danger where the machine saw none; their word is a signal like any other, and a label."""

from __future__ import annotations

import pytest

from careloop.accounts.models import User
from careloop.common.errors import InvalidInput, NotAllowed
from careloop.common.models import Event
from careloop.conversations.models import Conversation
from careloop.triage import events
from careloop.triage.engine.heads import CRISIS
from careloop.triage.models import Correction, Prediction
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import correct, raise_alarm


@pytest.fixture
def calm(complaint: Conversation) -> Conversation:
    classify(complaint.messages.get())
    assert signals(complaint) == {"none": "rules"}
    return complaint


def signals(conversation: Conversation) -> dict[str, str]:
    rows = Prediction.objects.current().filter(conversation=conversation, head=CRISIS)
    return {row.label: row.source for row in rows}


def test_an_alarm_takes_the_place_of_none_and_is_kept_as_a_label(calm: Conversation, lin: User) -> None:
    row = raise_alarm(calm, "self_harm", by=lin)
    assert signals(calm) == {"self_harm": "human"}
    assert (row.confidence, row.model_version) == (1.0, "person")
    kept = Correction.objects.get()
    assert (kept.label, kept.by, kept.prediction.label) == ("self_harm", lin, "none")
    event = Event.objects.get(name=events.TRIAGE_CORRECTED)
    assert event.data == {"head": "crisis", "from": "none", "to": "self_harm"}


def test_a_second_signal_stands_beside_the_first(calm: Conversation, lin: User) -> None:
    raise_alarm(calm, "injury", by=lin)
    raise_alarm(calm, "legal", by=lin)
    assert signals(calm) == {"injury": "human", "legal": "human"}
    assert Event.objects.filter(name=events.TRIAGE_CORRECTED).count() == 2


def test_what_was_said_already_changes_nothing(calm: Conversation, lin: User) -> None:
    first = raise_alarm(calm, "injury", by=lin)
    assert raise_alarm(calm, "injury", by=lin) == first
    assert Event.objects.filter(name=events.TRIAGE_CORRECTED).count() == 1


def test_a_faint_signal_of_the_machine_becomes_sure(calm: Conversation, lin: User) -> None:
    Prediction.objects.filter(conversation=calm, head=CRISIS).update(label="fraud", confidence=0.3)
    assert raise_alarm(calm, "fraud", by=lin).confidence == 1.0
    assert signals(calm) == {"fraud": "human"}


def test_it_works_where_nothing_was_predicted(complaint: Conversation, lin: User) -> None:
    raise_alarm(complaint, "safety", by=lin)
    assert signals(complaint) == {"safety": "human"}


def test_a_person_can_take_it_back(calm: Conversation, lin: User) -> None:
    correct(raise_alarm(calm, "media", by=lin), "none", by=lin)
    assert signals(calm) == {"none": "human"}


@pytest.mark.parametrize("label", ["none", "", "urgent", "x" * 300])
def test_what_is_no_signal_is_refused(calm: Conversation, lin: User, label: str) -> None:
    with pytest.raises(InvalidInput, match="what kind of danger"):
        raise_alarm(calm, label, by=lin)


def test_who_may_not_correct_raises_none(calm: Conversation, lin: User) -> None:
    lin.is_active = False
    with pytest.raises(NotAllowed):
        raise_alarm(calm, "injury", by=lin)
    assert signals(calm) == {"none": "rules"}
