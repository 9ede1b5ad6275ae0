"""The review queue on screen: a question beside its conversation, answered by a key or a plain form."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from careloop.accounts.models import User
from careloop.audit.models import SensitiveRead
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.triage.engine.heads import HeadResult
from careloop.triage.models import Prediction, ReviewItem
from careloop.triage.services.correcting import correct
from careloop.triage.tests.review_helpers import doubtful, head
from careloop.workspace.tests.conftest import HTMX

PAGE = "/triage/review/"


@pytest.fixture
def unsure(email_inbox: Inbox, mei: Customer) -> Conversation:
    return doubtful(email_inbox, mei, "卡上那笔怎么没了")


def nature(conversation: Conversation) -> Prediction:
    return Prediction.objects.current().get(conversation=conversation, head="nature")


def said(  # type: ignore[no-untyped-def]
    client: Client, conversation: Conversation, label: str, headers: dict[str, str] | None = None
):
    address = f"{PAGE}{conversation.review_item.pk}/answers/"
    return client.post(address, {"prediction": nature(conversation).pk, "label": label}, headers=headers)


def test_the_question_stands_beside_the_words_with_reasons_and_keys(as_lin: Client, unsure: Conversation) -> None:
    html = as_lin.get(PAGE).content.decode()
    assert "卡上那笔怎么没了" in html
    assert "a word" in html
    assert all(f'data-key="{key}"' in html for key in ("1", "Enter", "s", "u"))
    assert re.search(r"今天 0 / 1", html)


def test_where_rules_and_model_disagree_both_are_named(as_lin: Client, email_inbox: Inbox, mei: Customer) -> None:
    doubtful(email_inbox, mei, nature=head("quality", "refund", (0.52, 0.3), doubted="refund"))
    html = as_lin.get(PAGE).content.decode()
    assert all(name in html for name in ("“产品质量”", "“退款”"))
    assert "answer--other" in html


def test_an_answer_brings_the_next_question(
    as_lin: Client, email_inbox: Inbox, mei: Customer, unsure: Conversation
) -> None:
    doubtful(email_inbox, mei, "发票抬头写错了能改吗")
    first = ReviewItem.objects.get(conversation=unsure)
    ReviewItem.objects.filter(pk=first.pk).update(worth=1_000)
    as_lin.get(PAGE)
    html = said(as_lin, unsure, "refund", headers=HTMX).content.decode()
    assert "发票抬头写错了能改吗" in html
    assert "<html" not in html
    assert (nature(unsure).label, nature(unsure).source) == ("refund", "human")


def test_it_works_as_a_plain_form(as_lin: Client, unsure: Conversation) -> None:
    answer = said(as_lin, unsure, "quality")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert nature(unsure).source == "human"


def test_when_all_is_done_the_page_says_so(as_lin: Client, unsure: Conversation) -> None:
    said(as_lin, unsure, "quality")
    html = as_lin.get(PAGE).content.decode()
    assert 'class="empty"' in html
    assert "今天 1 / 1" in html


def test_skipping_and_undoing(as_lin: Client, unsure: Conversation) -> None:
    item = unsure.review_item
    as_lin.post(f"{PAGE}{item.pk}/skips/", headers=HTMX)
    item.refresh_from_db()
    assert item.skips == 1
    answer = as_lin.post(f"{PAGE}withdrawals/", headers=HTMX)
    item.refresh_from_db()
    assert item.skips == 0
    assert "toast" in answer["HX-Trigger"]


def test_undoing_nothing_says_so_and_stays(as_lin: Client, unsure: Conversation) -> None:
    answer = as_lin.post(f"{PAGE}withdrawals/", headers=HTMX)
    assert answer.status_code == 200
    assert "warning" in answer["HX-Trigger"]


def test_who_was_slower_gets_the_next_question_and_a_word(
    as_lin: Client, unsure: Conversation, chen: User
) -> None:  # fmt: skip
    late = nature(unsure)
    correct(late, "price", by=chen)
    address = f"{PAGE}{unsure.review_item.pk}/answers/"
    answer = as_lin.post(address, {"prediction": late.pk, "label": "refund"}, headers=HTMX)
    assert answer.status_code == 200
    assert "warning" in answer["HX-Trigger"]
    assert nature(unsure).label == "price"


def test_one_may_move_to_another_guess(as_lin: Client, unsure: Conversation) -> None:
    beside = Prediction.objects.current().get(conversation=unsure, head="emotion")
    html = as_lin.get(f"{PAGE}?prediction={beside.pk}", headers=HTMX).content.decode()
    assert f'name="prediction" value="{beside.pk}"' in html


@pytest.mark.parametrize("wanted", ["", "x", "-1", "999999999999999999999", "²"])
def test_a_guess_that_is_not_there_leads_to_the_first(as_lin: Client, unsure: Conversation, wanted: str) -> None:
    html = as_lin.get(PAGE, {"prediction": wanted}).content.decode()
    assert f'name="prediction" value="{nature(unsure).pk}"' in html


@pytest.mark.parametrize("wanted", ["", "x", "0", "999999999999999999999", "²"])
def test_an_answer_about_nothing_is_not_found(as_lin: Client, unsure: Conversation, wanted: str) -> None:
    address = f"{PAGE}{unsure.review_item.pk}/answers/"
    assert as_lin.post(address, {"prediction": wanted, "label": "quality"}).status_code == 404


def test_a_prediction_of_another_conversation_is_not_found(
    as_lin: Client, email_inbox: Inbox, mei: Customer, unsure: Conversation
) -> None:
    other = doubtful(email_inbox, mei, "发票抬头写错了能改吗")
    address = f"{PAGE}{unsure.review_item.pk}/answers/"
    assert as_lin.post(address, {"prediction": nature(other).pk, "label": "quality"}).status_code == 404


@pytest.mark.parametrize("label", ["", "nonsense", "x" * 500])
def test_a_label_that_is_none_is_refused(as_lin: Client, unsure: Conversation, label: str) -> None:
    assert said(as_lin, unsure, label, headers=HTMX).status_code == 400
    assert nature(unsure).source == "rules"


def test_another_team_sees_and_answers_nothing(as_bob: Client, unsure: Conversation) -> None:
    assert "卡上那笔怎么没了" not in as_bob.get(PAGE).content.decode()
    assert said(as_bob, unsure, "refund").status_code == 404
    assert as_bob.post(f"{PAGE}{unsure.review_item.pk}/skips/").status_code == 404
    assert nature(unsure).source == "rules"


@pytest.mark.parametrize("pk", [0, 424242, 2**63, 10**30])
def test_what_is_not_there_is_not_found(as_lin: Client, pk: int) -> None:
    for action in ("answers", "skips"):
        assert as_lin.post(f"{PAGE}{pk}/{action}/").status_code == 404


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}1/answers/", f"{PAGE}1/skips/", f"{PAGE}withdrawals/"])
def test_strangers_are_asked_to_sign_in(db: None, address: str) -> None:
    method = Client().get if address == PAGE else Client().post
    assert method(address)["Location"].startswith("/accounts/login/")
    assert method(address, headers=HTMX).status_code == 401


def test_answers_are_posted(as_lin: Client, unsure: Conversation) -> None:
    assert as_lin.get(f"{PAGE}{unsure.review_item.pk}/answers/").status_code == 405
    assert as_lin.post(PAGE).status_code == 405


def test_looking_at_a_danger_leaves_a_line_for_the_leads(as_lin: Client, email_inbox: Inbox, mei: Customer) -> None:
    faint = HeadResult("self_harm", 0.4, ranked=(("self_harm", 0.4),), labels=("self_harm",))
    doubtful(email_inbox, mei, "活着没意思", crisis=faint)
    as_lin.get(PAGE)
    assert SensitiveRead.objects.get().signals == ["self_harm"]


def test_the_way_around_says_how_many_wait(
    as_lin: Client, as_bob: Client, email_inbox: Inbox, mei: Customer, unsure: Conversation
) -> None:
    doubtful(email_inbox, mei, "发票抬头写错了能改吗")
    cache.clear()
    assert '<span class="rail__count num">2</span>' in as_lin.get("/customers/").content.decode()
    assert "rail__count" not in as_bob.get("/customers/").content.decode()


def test_the_page_asks_the_same_number_of_questions_however_many_wait(
    as_lin: Client, email_inbox: Inbox, mei: Customer, unsure: Conversation
) -> None:
    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert as_lin.get(PAGE).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for thing in ("发票抬头写错了能改吗", "Where is my order?", "The lamp flickers.", "退款还没到", "几点关门"):
        doubtful(email_inbox, mei, thing)
    assert queries() == few
