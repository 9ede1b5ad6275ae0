"""What a language model says of a doubtful message, kept beside what the rules said; nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from careloop.accounts.models import User
from careloop.common.models import Event, Job
from careloop.conversations.models import Inbox, Message
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer
from careloop.triage import checks, events
from careloop.triage.labels import reason_name
from careloop.triage.models import Prediction, ServiceDay
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import correct
from careloop.triage.services.second_opinion import seek, worth_asking
from careloop.triage.tasks import ask_language_model
from careloop.triage.tests.language_model import LanguageModel, serving

pytestmark = pytest.mark.django_db
DOUBTFUL = "王梅想问一下，那个东西呢？我的电话是13812345678"


@pytest.fixture
def model(settings: Any) -> Iterator[LanguageModel]:
    with serving() as running:
        settings.CARELOOP_LLM_URL, settings.CARELOOP_LLM_MODEL = running.url, "small"
        yield running


@pytest.fixture
def message(mei: Customer, email_inbox: Inbox) -> Message:
    mei.name = "王梅"
    mei.save()
    conversation = start(inbox=email_inbox, customer=mei, language="zh")
    return add_customer_message(conversation, Content(text=DOUBTFUL, language="zh"), customer=mei)


def doubts(message: Message) -> list[str]:
    """What triage is unsure of, with the nature among it, whatever the rules of the day say."""
    rows = classify(message)
    Prediction.objects.filter(pk__in=[row.pk for row in rows], head="nature").update(is_unsure=True)
    return worth_asking(list(Prediction.objects.current().filter(conversation=message.conversation_id)))


def asked_in_jobs() -> int:
    return Job.objects.filter(task__endswith="ask_language_model").count()


def test_nothing_is_asked_while_no_service_is_named(message: Message) -> None:
    classify(message)
    assert asked_in_jobs() == 0


def test_a_doubtful_message_is_asked_about_in_a_job_and_a_sure_one_is_not(
    model: LanguageModel, message: Message, mei: Customer, email_inbox: Inbox
) -> None:
    classify(message)
    assert asked_in_jobs() == 1
    assert model.requests == []
    sure = add_customer_message(
        start(inbox=email_inbox, customer=mei, language="zh"),
        Content(text="谢谢，问题解决了！", language="zh"),
        customer=mei,
    )
    rows = classify(sure)
    assert asked_in_jobs() == 1 + any(row.is_unsure for row in rows)


def test_what_it_says_takes_the_place_of_a_doubtful_prediction(model: LanguageModel, message: Message) -> None:
    heads = doubts(message)
    model.heads = {"nature": {"label": "logistics", "confidence": 0.9, "reason": "那个东西呢"}}
    (row,) = seek(message, heads)
    assert (row.head, row.label, row.source, row.model_version) == ("nature", "logistics", "service", "service-small")
    with translation.override("zh-hans"):
        assert str(reason_name(row.reasons[0])) == "语言模型：那个东西呢"
    assert not row.is_unsure
    assert Prediction.objects.current().filter(conversation=message.conversation_id, head="nature").get() == row
    event = Event.objects.get(name=events.SECOND_OPINION)
    assert event.data["heads"] == {"nature": "logistics"}


def test_the_customers_name_and_numbers_stay_here(model: LanguageModel, message: Message) -> None:
    model.heads = {"nature": "logistics"}
    seek(message, doubts(message))
    assert model.texts == ["[NAME_1]想问一下，那个东西呢？我的电话是[PHONE_1]"]


def test_a_danger_it_sees_is_added_and_its_silence_takes_none_away(model: LanguageModel, message: Message) -> None:
    heads = doubts(message)
    model.heads = {"crisis": {"labels": ["injury"], "confidence": 0.8}}
    assert [row.label for row in seek(message, heads)] == ["injury"]
    signals = Prediction.objects.current().filter(conversation=message.conversation_id, head="crisis")
    before = {row.label for row in signals}
    assert "injury" in before
    model.heads = {"crisis": {"labels": []}}
    assert seek(message, ["crisis"]) == []
    assert {row.label for row in signals.all()} == before


def test_a_persons_word_stands(model: LanguageModel, message: Message, lin: User) -> None:
    heads = doubts(message)
    correct(Prediction.objects.current().get(conversation=message.conversation_id, head="nature"), "price", by=lin)
    model.heads = {"nature": {"label": "logistics", "confidence": 0.9}}
    assert seek(message, heads) == []


def test_the_job_may_run_twice(model: LanguageModel, message: Message) -> None:
    heads = doubts(message)
    model.heads = {"nature": {"label": "logistics", "confidence": 0.9}}
    assert ask_language_model.call(message.pk, heads) == ["nature"]
    assert ask_language_model.call(message.pk, heads) == []
    assert len(model.requests) == 1


def test_a_service_that_fails_changes_nothing_and_is_counted(model: LanguageModel, message: Message) -> None:
    heads = doubts(message)
    before = set(Prediction.objects.current().values_list("pk", flat=True))
    model.status = 500
    assert seek(message, heads) == []
    assert set(Prediction.objects.current().values_list("pk", flat=True)) == before
    assert (ServiceDay.objects.get().requests, ServiceDay.objects.get().unanswered) == (1, 1)


def test_the_budget_of_a_day_is_kept(model: LanguageModel, message: Message, settings: Any) -> None:
    settings.CARELOOP_LLM_REQUESTS_A_DAY = 1
    model.heads = {"nature": {"label": "logistics", "confidence": 0.9}}
    seek(message, ["nature"])
    seek(message, ["nature", "emotion"])
    assert len(model.requests) == 1
    assert ServiceDay.objects.get().requests == 1


def test_the_doctor_says_which_service_is_asked_and_whether_it_answers(model: LanguageModel, settings: Any) -> None:
    def level() -> str:
        (finding,) = checks.language_model()
        return finding.level

    assert level() == "ok"
    ServiceDay.objects.create(day="2026-11-22", requests=10, unanswered=9)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checks.timezone, "localdate", lambda: ServiceDay.objects.get().day)
        assert level() == "warning"
    settings.CARELOOP_LLM_MODEL = ""
    assert level() == "failure"
    settings.CARELOOP_LLM_URL = ""
    assert level() == "ok"
