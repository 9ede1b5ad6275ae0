"""Beside a conversation stand articles, saved replies and how others like it were solved (missions 11, 78, 81)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from careloop.accounts.models import Team, User
from careloop.common.models import Event
from careloop.conversations.models import Conversation
from careloop.conversations.services.posting import Content, add_customer_message, post_reply
from careloop.conversations.services.resolution import reopen, resolve
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer
from careloop.knowledge.loading import load_starter_articles
from careloop.replies.loading import load_shipped_replies
from careloop.replies.models import PastAnswer, SuggestionChoice
from careloop.replies.services.past import index_all
from careloop.replies.services.sending import send_reply
from careloop.replies.services.suggesting import choose, suggest
from careloop.replies.suggestions import Suggestion
from careloop.search import passages, vectors

Solve = Callable[..., Conversation]
ASKED = "你好，我叫李小明，退款已经十二天没有到账，电话 13812345678"
ANSWER = "王雨晴您好，退款已重新发起，流水号 202611090001 发到 yuqing.wang@example.com，三天内到账。"


@pytest.fixture
def solved(email_inbox: Any, mei: Customer, lin: User) -> Solve:
    """A conversation that was asked, answered and resolved."""

    def make(asked: str = ASKED, answer: str = ANSWER, outcome: str = "refunded", **fields: Any) -> Conversation:
        row = start(inbox=email_inbox, customer=mei, subject="退款没到账", language="zh")
        add_customer_message(row, Content(text=asked, language="zh"), customer=mei)
        post_reply(row, by=lin, text=answer)
        resolve(row, by=lin, solved=True, satisfied=True, outcome=outcome, cause="service")
        if fields:
            Conversation.objects.filter(pk=row.pk).update(**fields)
        return row

    return make


def of_kind(found: list[Suggestion], kind: str) -> list[Suggestion]:
    return [each for each in found if each.kind == kind]


def test_a_conversation_solved_before_is_suggested_with_its_reasons(
    complaint: Conversation, lin: User, solved: Solve
) -> None:
    past = solved()
    found = of_kind(suggest(complaint, by=lin), "solved")[0]
    assert (found.number, found.satisfied) == (past.number, True)
    assert found.solved_at is not None
    assert "退款" in "".join(found.words)


def test_who_the_other_customer_was_is_taken_out(complaint: Conversation, lin: User, solved: Solve) -> None:
    solved()
    text = of_kind(suggest(complaint, by=lin), "solved")[0].text
    for told in ("王雨晴", "202611090001", "yuqing.wang@example.com"):
        assert told not in text
    assert text.startswith("【请填写：姓名】您好，退款已重新发起")


def test_such_a_text_cannot_be_sent_before_its_gaps_are_filled(
    complaint: Conversation, lin: User, solved: Solve
) -> None:
    solved()
    text = of_kind(suggest(complaint, by=lin), "solved")[0].text
    with pytest.raises(Exception, match="filled in"):
        send_reply(complaint, by=lin, text=text)


def test_what_another_team_solved_is_not_suggested(
    complaint: Conversation, lin: User, wholesale_team: Team, solved: Solve
) -> None:
    solved(team=wholesale_team)
    assert of_kind(suggest(complaint, by=lin), "solved") == []


def test_what_is_reopened_or_was_never_answered_is_not_suggested(
    complaint: Conversation, lin: User, solved: Solve
) -> None:
    reopen(solved(), by=lin, reason="customer")
    solved(outcome="duplicate")
    solved(answer="好的")
    assert of_kind(suggest(complaint, by=lin), "solved") == []
    assert not PastAnswer.objects.exists()


def test_articles_and_saved_replies_stand_beside_it_and_internal_ones_are_only_read(
    complaint: Conversation, lin: User
) -> None:
    load_starter_articles("retail_skincare", is_published=True)
    load_shipped_replies()
    found = suggest(complaint, by=lin)
    assert {each.kind for each in found} == {"article", "saved"}
    assert of_kind(found, "article")[0].title == "退款多久到账？没到怎么查？"
    assert all("{customer_name}" not in each.text for each in found)


def test_what_somebody_put_away_does_not_come_back_here(complaint: Conversation, lin: User, solved: Solve) -> None:
    past, other = solved(), solved(asked="退款还没有到账，都快两周了")
    choose(complaint, by=lin, kind="solved", target=past.pk, place=1, choice="dismissed")
    assert [each.target for each in of_kind(suggest(complaint, by=lin), "solved")] == [other.pk]
    assert SuggestionChoice.objects.get().by == lin
    assert Event.objects.filter(name="suggestion.dismissed", conversation_id=complaint.pk).exists()


def test_a_conversation_does_not_suggest_itself(lin: User, solved: Solve) -> None:
    assert of_kind(suggest(solved(), by=lin), "solved") == []


def test_the_index_can_be_made_anew(complaint: Conversation, lin: User, solved: Solve) -> None:
    past = solved()
    passages.remove(past.pk)
    PastAnswer.objects.all().delete()
    assert list(index_all()) == [1]
    assert of_kind(suggest(complaint, by=lin), "solved")[0].target == past.pk


def test_the_number_of_queries_does_not_grow(complaint: Conversation, lin: User, solved: Solve) -> None:
    load_starter_articles("retail_skincare", is_published=True)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            suggest(complaint, by=lin)
        return len(asked)

    solved()
    queries()
    few = queries()
    for place in range(6):
        solved(asked=f"退款没有到账，第 {place} 次问了")
    assert queries() == few


def by_hand(texts: Any) -> Any:
    """A stand-in for an encoder: money and waiting mean the same, whatever the words."""
    money = ("退款", "到账", "钱", "refund")
    return np.array([[1.0, 0.0] if any(each in text for each in money) else [0.0, 1.0] for text in texts])


def test_with_an_encoder_meaning_finds_what_words_do_not(
    complaint: Conversation, lin: User, solved: Solve, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_encoder", lambda _path: by_hand)
    past = solved(asked="我的钱呢")
    Conversation.objects.filter(pk=past.pk).update(subject="")
    PastAnswer.objects.all().delete()
    list(index_all())
    assert of_kind(suggest(complaint, by=lin), "solved")[0].target == past.pk


def test_an_encoder_that_fails_changes_nothing(
    complaint: Conversation, lin: User, solved: Solve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_texts: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(vectors, "_encoder", lambda _path: broken)
    solved()
    assert of_kind(suggest(complaint, by=lin), "solved")
