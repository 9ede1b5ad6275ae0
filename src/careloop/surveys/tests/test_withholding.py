"""Whoever may want to harm themselves is not asked to rate us, unless a person says so (domain brief 4.3, C6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from careloop.common.errors import Conflict
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Message
from careloop.conversations.services.resolution import reopen
from careloop.surveys.models import Survey, SurveyWithheld
from careloop.surveys.services.withholding import release
from careloop.surveys.tests.factories import resolved
from careloop.triage.models import Prediction
from careloop.triage.services.correcting import correct, label_by_hand

pytestmark = pytest.mark.django_db

PAGE = "/surveys/withheld/"


def invitations() -> int:
    return Message.objects.filter(kind="automatic", channel_data__purpose="survey").count()


def hurt(conversation: Conversation, signal: str = "self_harm") -> Prediction:
    return label_by_hand(conversation, "crisis", signal, by=None, source="rules")


def withheld(conversation: Conversation, by: Any) -> SurveyWithheld:
    hurt(conversation)
    resolved(conversation, by)
    run_pending_jobs()
    return SurveyWithheld.objects.get()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_nobody_is_asked_who_may_want_to_harm_themselves(complaint: Conversation, lin: Any) -> None:
    hurt(complaint, "self_harm")
    resolved(complaint, lin)
    run_pending_jobs()
    assert (Survey.objects.count(), invitations()) == (0, 0)
    assert SurveyWithheld.objects.get().signals == ["self_harm"]
    assert Event.objects.get(name="survey.withheld").data == {"signals": ["self_harm"]}


@pytest.mark.parametrize("signal", ["injury", "legal", "media", "regulator", "fraud", "none"])
def test_other_signals_do_not_stand_against_asking(complaint: Conversation, lin: Any, signal: str) -> None:
    hurt(complaint, signal)
    resolved(complaint, lin)
    run_pending_jobs()
    assert (Survey.objects.count(), invitations()) == (1, 1)


def test_a_signal_that_a_person_took_away_does_not_either(complaint: Conversation, lin: Any) -> None:
    correct(hurt(complaint), "none", by=lin)
    resolved(complaint, lin)
    run_pending_jobs()
    assert invitations() == 1


def test_a_signal_that_comes_before_the_invitation_leaves_stops_it(
    complaint: Conversation, lin: Any, settings: Any
) -> None:
    settings.CARELOOP_SURVEY_AFTER = timedelta(hours=2)
    resolved(complaint, lin)
    run_pending_jobs()
    assert Survey.objects.count() == 1
    hurt(complaint)
    run_pending_jobs(now=timezone.now() + timedelta(hours=3))
    assert invitations() == 0
    release(SurveyWithheld.objects.get(), by=lin)
    run_pending_jobs(now=timezone.now() + timedelta(hours=6))
    assert (Survey.objects.count(), invitations()) == (1, 1)


def test_a_person_may_say_that_they_are_asked_all_the_same(complaint: Conversation, lin: Any) -> None:
    release(withheld(complaint, lin), by=lin)
    run_pending_jobs()
    assert (Survey.objects.count(), invitations()) == (1, 1)
    row = SurveyWithheld.objects.get()
    assert (row.released_by, row.is_open) == (lin, False)
    assert Event.objects.get(name="survey.released").actor == lin


def test_it_is_said_once(complaint: Conversation, lin: Any) -> None:
    row = withheld(complaint, lin)
    release(row, by=lin)
    with pytest.raises(Conflict):
        release(row, by=lin)


def test_what_is_open_again_is_not_asked_about(complaint: Conversation, lin: Any) -> None:
    row = withheld(complaint, lin)
    reopen(complaint, by=lin, reason="customer_wrote")
    with pytest.raises(Conflict):
        release(row, by=lin)
    assert complaint.reference not in signed_in(lin).get(PAGE).text


def test_the_list_and_its_button(complaint: Conversation, lin: Any) -> None:
    row = withheld(complaint, lin)
    client = signed_in(lin)
    page = client.get(PAGE).text
    assert complaint.reference in page
    assert "轻生自伤" in page
    answer = client.post(f"{PAGE}{row.resolution_id}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/conversations/{complaint.number}/")
    run_pending_jobs()
    assert invitations() == 1
    assert complaint.reference not in client.get(PAGE).text


def test_the_conversation_says_it_too(complaint: Conversation, lin: Any) -> None:
    row = withheld(complaint, lin)
    client = signed_in(lin)
    assert f"{PAGE}{row.resolution_id}/" in client.get(f"/conversations/{complaint.number}/").text
    release(row, by=lin)
    assert f"{PAGE}{row.resolution_id}/" not in client.get(f"/conversations/{complaint.number}/").text


def test_another_team_sees_and_releases_nothing(complaint: Conversation, lin: Any, bob: Any) -> None:
    row = withheld(complaint, lin)
    client = signed_in(bob)
    assert complaint.reference not in client.get(PAGE).text
    assert client.post(f"{PAGE}{row.resolution_id}/").status_code == 404
    assert SurveyWithheld.objects.get().is_open


def test_who_is_signed_out_is_asked_to_sign_in(client: Client, complaint: Conversation, lin: Any) -> None:
    row = withheld(complaint, lin)
    assert client.get(PAGE).status_code == 302
    assert "login" in client.post(f"{PAGE}{row.resolution_id}/")["Location"]
    assert SurveyWithheld.objects.get().is_open


def test_what_is_missing_or_mistyped_is_said(complaint: Conversation, lin: Any) -> None:
    client = signed_in(lin)
    assert client.post(f"{PAGE}999999/").status_code == 404
    assert client.get(f"{PAGE}?after=x").status_code == 400
    assert client.get(f"{PAGE}999999/").status_code == 405
