"""Who is asked, when, and only once (mission 22)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Conversation, Message
from careloop.conversations.services.resolution import reopen
from careloop.surveys.models import Survey
from careloop.surveys.services.asking import ask, send
from careloop.surveys.tests.factories import resolved, surveyed

pytestmark = pytest.mark.django_db


def invitations() -> list[Message]:
    return list(Message.objects.filter(kind="automatic", channel_data__purpose="survey"))


def test_resolving_invites_the_customer_in_her_language(complaint: Conversation, lin: Any, settings: Any) -> None:
    survey = surveyed(complaint, lin)
    (message,) = invitations()
    assert survey.language == "zh"
    assert message.text.startswith("王雨晴，您好！")
    assert f"{settings.CARELOOP_PUBLIC_URL}/s/{survey.token}" in message.text
    assert complaint.reference in message.text


def test_a_customer_without_a_name_is_greeted_all_the_same(complaint: Conversation, lin: Any, mei: Any) -> None:
    mei.name = ""
    mei.save()
    surveyed(complaint, lin)
    assert invitations()[0].text.startswith("尊敬的顾客，您好！")


def test_an_english_customer_is_asked_in_english(james: Any, portal_inbox: Any, lin: Any) -> None:
    from careloop.conversations.services.starting import start

    surveyed(start(inbox=portal_inbox, customer=james, language="en"), lin)
    assert invitations()[0].text.startswith("Hello James Porter,")


def test_one_resolution_is_asked_about_once(complaint: Conversation, lin: Any) -> None:
    survey = surveyed(complaint, lin)
    assert ask(survey.resolution) == survey
    send(survey)
    assert (Survey.objects.count(), len(invitations())) == (1, 1)


def test_the_next_resolution_is_asked_about_again(complaint: Conversation, lin: Any) -> None:
    surveyed(complaint, lin)
    reopen(complaint, by=lin, reason="customer_wrote")
    surveyed(complaint, lin)
    assert (Survey.objects.count(), len(invitations())) == (2, 2)


def test_a_duplicate_is_not_asked_about(complaint: Conversation, lin: Any) -> None:
    resolved(complaint, lin, outcome="duplicate")
    run_pending_jobs()
    assert not Survey.objects.exists()


def test_a_strangers_side_thread_is_not_asked_about(complaint: Conversation, lin: Any, james: Any) -> None:
    from careloop.conversations.services.starting import start

    side = start(inbox=complaint.inbox, customer=james, related_to=complaint, review_reason="stranger_token")
    resolved(side, lin)
    run_pending_jobs()
    assert not Survey.objects.exists()


def test_what_was_reopened_meanwhile_is_not_asked_about(complaint: Conversation, lin: Any) -> None:
    resolved(complaint, lin)
    reopen(complaint, by=lin, reason="customer_wrote")
    run_pending_jobs()
    assert not Survey.objects.exists()


def test_the_invitation_waits_as_long_as_set(complaint: Conversation, lin: Any, settings: Any) -> None:
    settings.CARELOOP_SURVEY_AFTER = timedelta(hours=2)
    surveyed(complaint, lin)
    assert invitations() == []
    run_pending_jobs(now=timezone.now() + timedelta(hours=2, minutes=1))
    assert len(invitations()) == 1


def test_no_invitation_follows_a_reopening(complaint: Conversation, lin: Any, settings: Any) -> None:
    settings.CARELOOP_SURVEY_AFTER = timedelta(hours=2)
    surveyed(complaint, lin)
    reopen(complaint, by=lin, reason="customer_wrote")
    run_pending_jobs(now=timezone.now() + timedelta(hours=3))
    assert invitations() == []


def test_a_call_gets_a_page_but_no_message(mei: Any, phone_inbox: Any, lin: Any) -> None:
    from careloop.conversations.services.starting import start

    survey = surveyed(start(inbox=phone_inbox, customer=mei, language="zh"), lin)
    assert (survey.sent_at, invitations()) == (None, [])
