"""What is not sure, disputed or telling enters the review queue when it is predicted, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from careloop.accounts.models import Team, User
from careloop.conversations.models import Inbox, Message
from careloop.conversations.services.holding import assign
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.customers.models import Customer
from careloop.triage.doubts import DISAGREE, MOST_AT_ONCE, ONE_IN, TELLING, UNSURE, Doubt, doubts_of
from careloop.triage.engine.heads import HeadResult, Heads
from careloop.triage.likeness import likeness
from careloop.triage.models import Prediction, ReviewItem
from careloop.triage.services.classifying import classify, keep_predictions
from careloop.triage.services.correcting import correct, raise_alarm
from careloop.triage.tests.review_helpers import NARROW, SURE, begin, doubtful, head, judged
from careloop.triage.thresholds import SHIPPED, threshold_of

CARD = "我的会员卡积分上个月突然少了两百分, 订单号 {}, 到底是怎么回事, 麻烦查一下告诉我"


def why(**heads: HeadResult) -> dict[str, str]:
    return {doubt.head: doubt.why for doubt in asked(lot=0, **heads)}


def asked(lot: int, **heads: HeadResult) -> list[Doubt]:
    told = judged("好", **heads)
    unsure = {head for head, result in told.items() if result.confidence < threshold_of(head)}
    return doubts_of(told, unsure=unsure, lot=lot)


@pytest.fixture(autouse=True)
def _shipped_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an installation that has changed none; they are read without a database."""
    monkeypatch.setattr("careloop.triage.thresholds._read", lambda: SHIPPED)


def test_what_is_sure_is_asked_of_nobody() -> None:
    assert why() == {}


def test_an_unsure_answer_is_asked() -> None:
    assert why(nature=head("quality")) == {"nature": UNSURE}


def test_a_teams_own_model_that_disagrees_with_the_rules_is_heard_however_sure_it_is() -> None:
    result = replace(head("quality", "refund", SURE, doubted="refund"), source="linear")
    assert why(nature=result) == {"nature": DISAGREE}
    assert why(nature=replace(result, source="rules")) == {}


def test_of_intent_and_mood_only_a_narrow_choice_is_asked() -> None:
    assert why(intent=head("price", "how_to", (0.3, 0.1))) == {}
    assert why(intent=head("price", "how_to", (0.3, 0.25))) == {"intent": UNSURE}


def test_rules_and_model_disagreeing_is_asked() -> None:
    assert why(nature=head("quality", "refund", (0.52, 0.3), doubted="refund")) == {"nature": DISAGREE}


def test_a_narrow_choice_is_asked_of_one_in_eight() -> None:
    found = [doubt for lot in range(2 * ONE_IN) for doubt in asked(lot, nature=head("quality", "refund", NARROW))]
    assert [doubt.why for doubt in found] == [TELLING, TELLING]


def test_a_faint_sign_of_danger_is_asked_first() -> None:
    danger = HeadResult("injury", 0.4, ranked=(("injury", 0.4),), labels=("injury",))
    doubts = asked(0, nature=head("quality"), crisis=danger)
    assert [doubt.head for doubt in doubts] == ["crisis", "nature"]
    assert doubts[0].worth > doubts[1].worth


def test_no_more_than_three_questions_are_asked_at_once() -> None:
    unsure = {name: head(label) for name, label in
              {"nature": "quality", "severity": "severe", "intent": "price", "emotion": "angry",
               "handling_class": "C"}.items()}  # fmt: skip
    assert len(asked(0, **unsure)) == MOST_AT_ONCE


def test_heads_that_nobody_reviews_are_not_asked() -> None:
    assert why(language=head("zh"), source=head("online"), churn=head("yes")) == {}


@pytest.mark.django_db
class TestTheQueue:
    def test_a_doubtful_conversation_waits_with_its_question(self, email_inbox: Inbox, mei: Customer) -> None:
        conversation = doubtful(email_inbox, mei)
        item = ReviewItem.objects.get()
        row = Prediction.objects.current().get(conversation=conversation, head="nature")
        assert (item.conversation, item.team, item.is_open) == (conversation, conversation.team, True)
        assert item.asked == {"nature": {"why": "unsure", "other": "", "prediction": row.pk}}

    def test_a_sure_one_does_not(self, email_inbox: Inbox, mei: Customer) -> None:
        message = begin(email_inbox, mei, "快递没到")
        keep_predictions(message, judged("快递没到"))
        assert not ReviewItem.objects.exists()

    def test_a_first_message_costs_a_look_for_likeness_and_an_insert(self, email_inbox: Inbox, mei: Customer) -> None:
        def queries(message: Message, heads: Heads) -> int:
            with CaptureQueriesContext(connection) as caught:
                keep_predictions(message, heads)
            return len(caught)

        sure, unsure = begin(email_inbox, mei, "快递没到"), begin(email_inbox, mei, "嗯")
        judgement = judged("快递没到")
        without = queries(sure, judgement)
        assert queries(unsure, {**judgement, "nature": head("quality")}) == without + 2

    def test_of_near_equal_texts_one_is_asked_about(self, email_inbox: Inbox, mei: Customer) -> None:
        doubtful(email_inbox, mei, CARD.format("20261103"))
        doubtful(email_inbox, mei, CARD.format("88126"))
        doubtful(email_inbox, mei, "发票抬头写错了能改吗")
        assert ReviewItem.objects.count() == 2

    def test_how_grave_it_is_is_asked_about_each(self, email_inbox: Inbox, mei: Customer) -> None:
        for number in ("1", "2"):
            doubtful(email_inbox, mei, CARD.format(number), severity=head("severe", "minor"))
        assert ReviewItem.objects.count() == 2

    def test_a_later_message_that_makes_it_sure_ends_the_question(self, email_inbox: Inbox, mei: Customer) -> None:
        conversation = doubtful(email_inbox, mei)
        second = add_customer_message(conversation, Content(text="坏了", language="zh"), customer=mei)
        keep_predictions(second, judged("坏了", nature=head("quality", "refund", SURE)))
        assert not ReviewItem.objects.get().is_open

    def test_a_later_message_may_ask_anew(self, email_inbox: Inbox, mei: Customer) -> None:
        conversation = doubtful(email_inbox, mei)
        second = add_customer_message(conversation, Content(text="漏电了", language="zh"), customer=mei)
        keep_predictions(second, judged("漏电了", severity=head("severe", "minor", (0.5, 0.4)), nature=head("other")))
        assert set(ReviewItem.objects.get().asked) == {"nature", "severity"}

    def test_a_persons_word_in_the_panel_ends_the_question(self, email_inbox: Inbox, mei: Customer, lin: User) -> None:
        conversation = doubtful(email_inbox, mei)
        correct(Prediction.objects.current().get(conversation=conversation, head="nature"), "refund", by=lin)
        item = ReviewItem.objects.get()
        assert (item.asked, item.is_open) == ({}, False)

    def test_an_alarm_ends_the_question_about_danger(self, email_inbox: Inbox, mei: Customer, lin: User) -> None:
        faint = HeadResult("injury", 0.4, ranked=(("injury", 0.4),), labels=("injury",))
        conversation = doubtful(email_inbox, mei, crisis=faint)
        raise_alarm(conversation, "fraud", by=lin)
        assert not ReviewItem.objects.get().is_open

    def test_the_question_follows_the_conversation_to_another_team(
        self, email_inbox: Inbox, mei: Customer, wholesale_team: Team
    ) -> None:
        conversation = doubtful(email_inbox, mei)
        assign(conversation, user=None, team=wholesale_team, by=None)
        assert ReviewItem.objects.get().team == wholesale_team

    def test_real_messages_are_judged_and_queued(self, email_inbox: Inbox, mei: Customer) -> None:
        for text in ("我想问一下那个东西到底怎么弄", "上次说的事情呢", "不知道为什么会这样"):
            classify(begin(email_inbox, mei, text))
        assert ReviewItem.objects.exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CARD.format("20261103"), CARD.format("77")),
        ("Where is my order 1182? It was promised for Friday.", "where is my order 9! It was promised for Friday"),
        ("", "   "),
    ],
)
def test_near_equal_texts_share_a_digest(one: str, other: str) -> None:
    assert set(likeness(one)) & set(likeness(other))


def test_different_texts_share_none() -> None:
    texts = (
        "发票抬头写错了能改吗",
        CARD,
        "Where is my order?",
        "The lamp flickers and smells of burning.",
        "退款还没到",
    )
    digests = [each for text in texts for each in likeness(text)]
    assert len(set(digests)) == len(digests)
