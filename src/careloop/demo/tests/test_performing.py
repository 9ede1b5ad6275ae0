"""A few conversations of the demo, one of each fate, through the real road. The whole load is in test_loading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from careloop.accounts.models import User
from careloop.care.models import FollowUp
from careloop.common.models import Event, Job
from careloop.conversations.models import Conversation, Delivery, Message
from careloop.demo.plan import PINNED, Fate, Plan, Planned, build
from careloop.demo.staging.backdating import Backdating
from careloop.demo.staging.cast import Cast, known_cast, make_customers, make_people
from careloop.demo.staging.performing import Performance
from careloop.surveys.models import SurveyAnswer
from careloop.triage.models import Prediction

pytestmark = pytest.mark.django_db

Tell = Callable[[Planned], Conversation]


@pytest.fixture
def plan() -> Plan:
    return build(timezone.now())


@pytest.fixture
def cast(plan: Plan) -> Cast:
    make_people()
    make_customers(plan.orders, timezone.now())
    return known_cast()


@pytest.fixture
def tell(cast: Cast) -> Tell:
    def told(cast: Cast, planned: Planned) -> Conversation:
        conversation = Performance(planned, cast, Backdating()).tell()
        conversation.refresh_from_db()
        return conversation

    return partial(told, cast)


def pinned(plan: Plan, key: str) -> Planned:
    assert tuple(key.rsplit("-", 1)) in {(name, str(variant)) for name, variant in PINNED}
    return next(each for each in plan.conversations if each.key == key)


def first(plan: Plan, fate: Fate) -> Planned:
    return next(each for each in plan.conversations if each.fate == fate and each.door != "phone")


def labels(conversation: Conversation, head: str) -> set[str]:
    return set(
        Prediction.objects.current().filter(conversation=conversation, head=head).values_list("label", flat=True)
    )


def test_the_allergy_trips_the_injury_signal_and_comes_first(plan: Plan, tell: Tell) -> None:
    conversation = tell(pinned(plan, "zh-allergy-0"))
    assert "injury" in labels(conversation, "crisis")
    assert conversation.queue_entry.tier == 0


def test_the_sentence_of_seed_a_is_about_quality_and_has_a_severity(plan: Plan, tell: Tell) -> None:
    conversation = tell(pinned(plan, "zh-pump-broken-0"))
    message = conversation.messages.get()
    assert message.text == "我购买的产品出现了质量问题，无法正常使用。"
    assert labels(conversation, "nature") == {"quality"}
    assert labels(conversation, "severity") <= {"minor", "moderate", "severe"}


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (Fate.WAITING, "waiting"),
        (Fate.SNOOZED, "snoozed"),
        (Fate.REOPENED, "open"),
        (Fate.CLOSED, "resolved"),
        (Fate.SURVEYED, "resolved"),
    ],
)
def test_each_fate_ends_in_its_state(plan: Plan, tell: Tell, fate: Fate, state: str) -> None:
    assert tell(first(plan, fate)).state == state


def test_a_failed_delivery_stands_in_the_thread(plan: Plan, tell: Tell) -> None:
    conversation = tell(first(plan, Fate.UNDELIVERED))
    assert Delivery.objects.get(message__conversation=conversation, state="failed").last_error.startswith("550")


def test_every_row_carries_the_moment_of_its_step(plan: Plan, tell: Tell) -> None:
    planned = first(plan, Fate.SURVEYED)
    conversation = tell(planned)
    last = planned.steps[-1].at
    assert not Event.objects.filter(conversation_id=conversation.pk, at__gt=last + (last - planned.start)).exists()
    said = list(conversation.messages.exclude(kind=Message.Kind.AUTOMATIC).values_list("created_at", flat=True))
    assert said == sorted(said)
    assert SurveyAnswer.objects.get(survey__conversation=conversation).comment == next(
        step.text for step in planned.steps if step.kind == "survey"
    )


def test_a_resolved_complaint_was_asked_about_in_time(plan: Plan, tell: Tell) -> None:
    planned = pinned(plan, "zh-allergy-1")
    conversation = tell(planned)
    row = FollowUp.objects.get(conversation=conversation)
    asked = next((step for step in planned.steps if step.kind == "followup"), None)
    assert (row.state == "open") == (asked is None)
    assert asked is None or row.closed_at == asked.at


def test_nothing_is_left_to_be_sent(plan: Plan, tell: Tell) -> None:
    tell(first(plan, Fate.CLOSED))
    assert not Job.objects.exists()
    assert not Delivery.objects.filter(state="pending").exists()


@pytest.mark.parametrize("door", ["portal", "email"])
def test_each_answer_is_told_to_have_left_the_house_once(plan: Plan, tell: Tell, door: str) -> None:
    conversation = tell(next(each for each in plan.conversations if each.door == door and each.fate == Fate.CLOSED))
    replies = Message.objects.filter(conversation=conversation, kind=Message.Kind.REPLY)
    sent = Event.objects.filter(name="delivery.sent", conversation_id=conversation.pk, subject_id__in=replies)
    assert Counter(sent.values_list("subject_id", flat=True)) == Counter(replies.values_list("pk", flat=True))


def test_its_random_passwords_are_hashed_anew_when_somebody_signs_in(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    sign_in = make_people()[0]
    person = User.objects.get(email=sign_in.email)
    assert "$20000$" in person.password
    assert person.check_password(sign_in.password)
    assert "$20000$" not in User.objects.get(email=sign_in.email).password
