"""Who complained is asked within three days whether all is well (mission 106)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from careloop.care.drafts import draft_for
from careloop.care.models import FollowUp
from careloop.care.services.opening import open_follow_up
from careloop.care.services.reading import follow_ups_of
from careloop.care.tests.factories import followed_up, resolved
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Resolution
from careloop.conversations.services.holding import assign
from careloop.conversations.services.resolution import reopen
from careloop.conversations.services.starting import start
from careloop.triage.services.correcting import label_by_hand

pytestmark = pytest.mark.django_db


def test_the_owner_gets_it_within_three_days_with_a_draft(complaint: Conversation, lin: Any, care_team: Any) -> None:
    assign(complaint, user=lin, team=care_team, by=None)
    row = followed_up(complaint, lin)
    assert (row.owner, row.state) == (lin, "open")
    assert row.due_at == row.resolution.at + timedelta(days=3)
    assert row.draft.startswith("王雨晴，您好！我是林晓。")
    assert "退款" in row.draft
    assert complaint.reference in row.draft


def test_what_nobody_holds_goes_to_the_lead(complaint: Conversation, chen: Any, lin: Any) -> None:
    assert followed_up(complaint, lin).owner == chen


def test_without_both_it_stays_with_who_resolved_it(complaint: Conversation, lin: Any) -> None:
    assert followed_up(complaint, lin).owner == lin


def test_what_nobody_can_own_waits_for_whoever_sees_it(complaint: Conversation) -> None:
    row = followed_up(complaint, None)
    assert row.owner is None
    assert "客户服务团队的同事" in row.draft


def test_an_english_customer_gets_an_english_draft(james: Any, email_inbox: Any, lin: Any) -> None:
    row = followed_up(start(inbox=email_inbox, customer=james, language="en"), lin, outcome="replaced")
    assert row.draft.startswith("Hello James Porter, this is")
    assert "replacement" in row.draft


@pytest.mark.parametrize("outcome", Resolution.Outcome.values)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_outcome_has_words_in_both_languages(outcome: str, language: str) -> None:
    text = draft_for(outcome, language, name="", agent="", reference="CL-1042")
    assert "CL-1042" in text
    assert "{" not in text


@pytest.mark.parametrize("kind", ["inquiry", "feedback", "upkeep"])
def test_only_complaints_are_followed_up(complaint: Conversation, lin: Any, kind: str) -> None:
    resolved(complaint, lin, kind=kind)
    assert not FollowUp.objects.exists()


def test_a_duplicate_is_not_followed_up(complaint: Conversation, lin: Any) -> None:
    resolved(complaint, lin, outcome="duplicate")
    assert not FollowUp.objects.exists()


def test_it_is_never_doubled(complaint: Conversation, lin: Any) -> None:
    row = followed_up(complaint, lin)
    assert open_follow_up(row.resolution) == row
    assert FollowUp.objects.count() == 1


def test_reopening_cancels_it_and_the_next_resolution_brings_another(complaint: Conversation, lin: Any) -> None:
    first = followed_up(complaint, lin)
    reopen(complaint, by=lin, reason="customer_wrote")
    first.refresh_from_db()
    assert (first.state, first.closed_at is not None) == ("cancelled", True)
    assert Event.objects.filter(name="follow_up.cancelled").count() == 1
    second = followed_up(complaint, lin)
    assert follow_ups_of([complaint.pk, 0]) == {complaint.pk: second}


def test_what_was_reopened_meanwhile_is_not_followed_up(complaint: Conversation, lin: Any) -> None:
    row = followed_up(complaint, lin)
    resolution = row.resolution
    row.delete()
    reopen(complaint, by=lin, reason="customer_wrote")
    resolution.refresh_from_db()
    assert open_follow_up(resolution) is None


@pytest.mark.parametrize(("signal", "words", "never"), [("self_harm", "12356", "满意"), ("injury", "看医生", "满意")])
def test_whoever_may_be_hurt_is_asked_how_they_are_and_nothing_else(
    complaint: Conversation, lin: Any, signal: str, words: str, never: str
) -> None:
    label_by_hand(complaint, "crisis", signal, by=None, source="rules")
    draft = followed_up(complaint, lin, outcome="answered").draft
    assert words in draft
    assert never not in draft
    assert "CL-" in draft


@pytest.mark.parametrize("tone", ["injury", "self_harm"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_careful_words_exist_in_both_languages(tone: str, language: str) -> None:
    assert draft_for(tone, language, name="", agent="", reference="x") != draft_for(
        "other", language, name="", agent="", reference="x"
    )
