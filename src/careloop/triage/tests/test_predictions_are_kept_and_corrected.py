"""Predictions are rows with who, when and why; a person's word wins; a failing model stops nothing."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from careloop.accounts.models import User
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.engine.heads import LABELS
from careloop.triage.labels import LABEL_NAMES, label_name, reason_name
from careloop.triage.models import Prediction
from careloop.triage.services.classifying import classify, is_courtesy
from careloop.triage.services.correcting import correct
from careloop.triage.services.reading import current_predictions

pytestmark = pytest.mark.django_db


def say(conversation: Conversation, text: str) -> Message:
    return add_customer_message(conversation, Content(text=text, language="zh"), customer=conversation.customer)


def begin(inbox: Inbox, customer: Customer, text: str, subject: str = "") -> Message:
    return say(start(inbox=inbox, customer=customer, subject=subject, language="zh"), text)


def current(conversation: Conversation) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in current_predictions([conversation.pk]).get(conversation.pk, []):
        found.setdefault(row.head, set()).add(row.label)
    return found


def test_a_message_gets_one_prediction_a_head(mei: Customer, email_inbox: Inbox) -> None:
    message = begin(email_inbox, mei, "我购买的产品出现了质量问题，无法正常使用。")
    rows = classify(message)
    assert {row.head for row in rows} == {*LABELS, "nature_detail"}
    found = current(message.conversation)
    assert found["nature"] == {"quality"}
    assert found["severity"] == {"moderate"}
    assert found["crisis"] == {"none"}
    assert found["source"] == {"email"}


def test_the_event_of_a_prediction_is_recorded_once(mei: Customer, email_inbox: Inbox) -> None:
    message = begin(email_inbox, mei, "坏了")
    classify(message)
    event = Event.objects.get(name=events.TRIAGE_PREDICTED)
    assert event.conversation_id == message.conversation_id
    assert event.data["heads"]["nature"] == "quality"


def test_the_new_rows_go_in_with_one_insert(
    mei: Customer, email_inbox: Inbox, django_assert_max_num_queries: object
) -> None:
    message = begin(email_inbox, mei, "过敏了，脸肿了")
    classify(message)
    second = say(message.conversation, "你们人呢，我要去12315投诉")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        classify(second)


def test_signals_add_up_and_severity_only_rises(mei: Customer, email_inbox: Inbox) -> None:
    message = begin(email_inbox, mei, "用了面霜过敏，脸肿了")
    classify(message)
    classify(say(message.conversation, "我要去12315投诉你们"))
    classify(say(message.conversation, "请问几点上班"))
    found = current(message.conversation)
    assert found["crisis"] == {"injury", "regulator"}
    assert found["severity"] == {"severe"}
    assert found["handling_class"] == {"D"}


def test_a_first_signal_takes_the_place_of_none(mei: Customer, email_inbox: Inbox) -> None:
    message = begin(email_inbox, mei, "请问怎么用")
    classify(message)
    classify(say(message.conversation, "用完过敏了"))
    assert current(message.conversation)["crisis"] == {"injury"}


def test_a_thank_you_changes_only_the_mood(mei: Customer, email_inbox: Inbox) -> None:
    message = begin(email_inbox, mei, "杯子碎了，要求换货")
    classify(message)
    before = current(message.conversation)
    rows = classify(say(message.conversation, "好的，谢谢！"))
    after = current(message.conversation)
    assert is_courtesy(rows)
    assert before["nature"] == after["nature"]
    assert before["intent"] == after["intent"]
    assert after["courtesy"] == {"yes"}


def test_a_persons_word_wins_and_stays(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    message = begin(email_inbox, mei, "我购买的产品出现了质量问题")
    classify(message)
    row = Prediction.objects.current().get(conversation=message.conversation, head="nature")
    correct(row, "logistics", by=lin)
    classify(say(message.conversation, "质量太差了，坏了"))
    held = Prediction.objects.current().get(conversation=message.conversation, head="nature")
    assert (held.label, held.source, held.confidence) == ("logistics", "human", 1.0)
    assert row.corrections.get().label == "logistics"
    assert Event.objects.filter(name=events.TRIAGE_CORRECTED).count() == 1


def test_a_false_alarm_taken_away_stays_away_until_a_new_signal(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    message = begin(email_inbox, mei, "用了过敏")
    classify(message)
    correct(Prediction.objects.current().get(conversation=message.conversation, head="crisis"), "none", by=lin)
    classify(say(message.conversation, "请尽快回复"))
    assert current(message.conversation)["crisis"] == {"none"}
    classify(say(message.conversation, "充电的时候着火了"))
    assert current(message.conversation)["crisis"] == {"safety"}


def test_every_label_has_a_name_in_both_languages() -> None:
    for head, labels in LABELS.items():
        for label in labels:
            assert label in LABEL_NAMES[head], (head, label)
    with translation.override("zh-hans"):
        assert str(label_name("nature", "quality")) == "产品质量"
        assert str(reason_name("crisis=injury")) == "危机信号：受伤或过敏"
        assert str(reason_name("质量问题")) == "质量问题"


def test_reasons_are_plain_json(mei: Customer, email_inbox: Inbox) -> None:
    for row in classify(begin(email_inbox, mei, "过敏了")):
        json.dumps(row.reasons)
