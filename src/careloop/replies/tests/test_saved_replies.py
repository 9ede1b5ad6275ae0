"""Saved replies and drafts (mission 88, 145)."""

from __future__ import annotations

import pytest

from careloop.accounts.models import Team, User
from careloop.conversations.models import Conversation
from careloop.quality.engine import check_reply
from careloop.replies.loading import load_shipped_replies
from careloop.replies.models import Draft, SavedReply
from careloop.replies.services.drafts import draft_of, keep_draft
from careloop.replies.services.saved import fill, find_saved, values_for


def test_the_shipped_replies_are_in_both_languages_and_load_once(db: None) -> None:
    assert load_shipped_replies() == SavedReply.objects.count() > 10
    assert load_shipped_replies() == 0
    assert all(each.text and each.text_zh and each.title_zh for each in SavedReply.objects.all())


def test_what_an_administrator_changed_stays(db: None) -> None:
    load_shipped_replies()
    SavedReply.objects.filter(code="received").update(text="Ours", is_active=False)
    load_shipped_replies()
    assert SavedReply.objects.get(code="received").text == "Ours"


def test_the_checks_have_nothing_to_say_of_a_shipped_reply_that_was_filled_in(db: None) -> None:
    load_shipped_replies()
    names = {"customer": "Mei", "agent": "Lin", "number": "CL-1042", "order": "88-204", "today": "11-22"}
    names |= {"reason": "the seal was broken", "offer": "a new one at half the price"}
    for each in SavedReply.objects.all():
        for language, text in (("en", each.text), ("zh", each.text_zh)):
            found = check_reply(fill(text, names), language=language)
            assert not found, f"{each.code} ({language}): {found}"


@pytest.mark.parametrize("query", ["物流", "parcel", "PARCEL-LATE"])
def test_a_reply_is_found_by_words_of_either_language(lin: User, query: str) -> None:
    load_shipped_replies()
    assert "parcel-late" in {each.code for each in find_saved(lin, query)}


def test_a_reply_of_another_team_is_not_offered(lin: User, wholesale_team: Team) -> None:
    SavedReply.objects.create(code="theirs", title="Theirs", text="For wholesale", team=wholesale_team)
    assert not find_saved(lin, "theirs")


def test_variables_are_filled_in_and_unknown_ones_stay_to_be_seen(complaint: Conversation, lin: User) -> None:
    values = values_for(complaint, by=lin)
    assert fill("{customer}，我是{agent}，{number}", values) == f"王雨晴，我是林晓，{complaint.reference}"
    assert fill("{order} {shoe_size}", values) == "{order} {shoe_size}"


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
