"""Saved replies and drafts (mission 88, 145)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.conversations.models import Conversation
from careloop.customers.models import Order, Product
from careloop.replies.loading import load_shipped_replies
from careloop.replies.models import Draft, SavedReply
from careloop.replies.services.drafts import draft_of, keep_draft
from careloop.replies.services.saved import fill, find_saved, render, values_for


def test_the_shipped_replies_are_in_both_languages_and_load_once(db: None) -> None:
    assert load_shipped_replies() == SavedReply.objects.count() >= 40
    assert load_shipped_replies() == 0
    assert all(
        each.text and each.text_zh and each.title_zh and each.wrong and each.wrong_zh and each.right and each.right_zh
        for each in SavedReply.objects.all()
    )


def test_what_an_administrator_changed_stays(db: None) -> None:
    load_shipped_replies()
    SavedReply.objects.filter(code="received").update(text="Ours", is_active=False)
    load_shipped_replies()
    assert SavedReply.objects.get(code="received").text == "Ours"


@pytest.mark.parametrize("query", ["物流", "parcel", "PARCEL-LATE"])
def test_a_reply_is_found_by_words_of_either_language(lin: User, query: str) -> None:
    load_shipped_replies()
    assert "parcel-late" in {each.code for each in find_saved(lin, query)}


def test_a_reply_of_another_team_is_not_offered(lin: User, wholesale_team: Team) -> None:
    SavedReply.objects.create(code="theirs", title="Theirs", text="For wholesale", team=wholesale_team)
    assert not find_saved(lin, "theirs")


def test_what_the_desk_knows_is_filled_in_and_the_rest_is_shown_as_open(complaint: Conversation, lin: User) -> None:
    values = values_for(complaint, by=lin)
    assert fill("{customer_name}，我是{agent_name}，{number}", values) == f"王雨晴，我是林晓，{complaint.reference}"
    assert fill("订单{order_number}，补偿{amount}", values) == "订单【请填写：订单号】，补偿【请填写：金额】"
    assert fill("{shoe_size}", values) == "{shoe_size}"


def test_order_and_product_come_from_the_latest_order(complaint: Conversation, lin: User) -> None:
    Product.objects.create(sku="HM-01", name="Calming Serum", name_zh="舒缓精华")
    Order.objects.create(
        customer=complaint.customer,
        number="HM20261101",
        placed_at=timezone.now(),
        total="199",
        lines=[{"sku": "HM-01"}],
    )
    values = values_for(complaint, by=lin)
    assert (values["order_number"], values["product"]) == ("HM20261101", "舒缓精华")
    assert values_for(complaint, by=lin, language="en")["product"] == "Calming Serum"


def test_our_own_clock_is_what_may_be_promised_and_never_the_past(complaint: Conversation, lin: User) -> None:
    complaint.next_due_at = timezone.now() + timedelta(hours=3)
    assert values_for(complaint, by=lin)["promise_date"].count("月") == 1
    complaint.next_due_at = timezone.now() - timedelta(hours=3)
    assert values_for(complaint, by=lin)["promise_date"] == "【请填写：承诺的时间】"


@pytest.mark.parametrize(
    ("name", "language", "shown"),
    [
        ("James Porter", "en", "James"),
        ("Mr Porter", "en", "Mr Porter"),
        ("王雨晴", "en", "王雨晴"),
        ("", "en", "there"),
        ("", "zh", "朋友"),
        ("王雨晴", "zh", "王雨晴"),
    ],
)
def test_people_are_called_as_their_language_does(
    complaint: Conversation, lin: User, name: str, language: str, shown: str
) -> None:
    complaint.customer.name = name
    assert values_for(complaint, by=lin, language=language)["customer_name"] == shown


def test_a_form_of_address_in_the_profile_wins(complaint: Conversation, lin: User) -> None:
    complaint.customer.profile["honorific"] = "王女士"
    assert values_for(complaint, by=lin)["honorific"] == "王女士"


def test_rendering_says_which_blanks_are_left(complaint: Conversation, lin: User) -> None:
    saved = SavedReply(text="{customer_name}: {amount}", text_zh="{customer_name}，退您{amount}")
    rendered = render(saved, complaint, by=lin)
    assert rendered.text == "王雨晴，退您【请填写：金额】"
    assert rendered.missing == ["【请填写：金额】"]


def test_in_a_complaint_the_replies_for_complaints_come_first(lin: User) -> None:
    load_shipped_replies()
    assert all(each.situation.startswith("complaints.") for each in find_saved(lin, kind="complaint"))
    assert find_saved(lin).first().situation == "general.received"  # type: ignore[union-attr]


def test_a_reply_is_given_in_the_customers_language(db: None) -> None:
    reply = SavedReply(text="Hello", text_zh="您好")
    assert (reply.text_in("zh"), reply.text_in("en")) == ("您好", "Hello")


def test_a_draft_is_kept_for_each_person_and_gone_when_emptied(complaint: Conversation, lin: User, chen: User) -> None:
    keep_draft(complaint, by=lin, text="您好", kind="note")
    keep_draft(complaint, by=lin, text="您好，", kind="note")
    assert draft_of(complaint, chen) is None
    kept = draft_of(complaint, lin)
    assert kept is not None
    assert (kept.text, kept.kind) == ("您好，", Draft.Kind.NOTE)
    keep_draft(complaint, by=lin, text=" ")
    assert draft_of(complaint, lin) is None
