"""/audit/reads/: leads see the reads of their teams' conversations, administrators all, agents none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from careloop.audit.services.reading import note_read
from careloop.audit.tests.factories import endangered
from careloop.conversations.models import Conversation

pytestmark = pytest.mark.django_db

URL = "/audit/reads/"
NOON = datetime(2026, 11, 20, 12, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def read(complaint: Conversation, lin: Any) -> Conversation:
    endangered(complaint, "self_harm")
    note_read(lin, complaint.pk, door="desk", address="192.0.2.7", at=NOON)
    return complaint


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_lead_sees_who_when_where_and_why(read: Conversation, chen: Any) -> None:
    page = signed_in(chen).get(URL)
    assert page.status_code == 200
    for word in ("林晓", read.reference, "192.0.2.7", "Self-harm"):
        assert word in page.text


def test_the_lead_reads_it_in_chinese(read: Conversation, chen: Any) -> None:
    chen.language = "zh-hans"
    chen.save()
    assert "敏感会话" in signed_in(chen).get(URL).text


def test_an_administrator_sees_it_too(read: Conversation, admin: Any) -> None:
    assert read.reference in signed_in(admin).get(URL).text


def test_a_lead_of_another_team_sees_nothing_of_it(read: Conversation, bob: Any) -> None:
    bob.role = "lead"
    bob.save()
    assert read.reference not in signed_in(bob).get(URL).text


def test_an_agent_is_refused_with_the_reason(read: Conversation, lin: Any) -> None:
    answer = signed_in(lin).get(URL)
    assert answer.status_code == 403
    assert read.reference not in answer.text


def test_who_is_signed_out_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get(URL).status_code == 302


def test_one_conversation_or_one_person_can_be_looked_for(read: Conversation, chen: Any, lin: Any) -> None:
    client = signed_in(chen)
    assert "192.0.2.7" in client.get(URL, {"conversation": read.reference}).text
    assert "192.0.2.7" not in client.get(URL, {"conversation": "CL-99999"}).text
    assert "192.0.2.7" in client.get(URL, {"person": lin.pk}).text
    assert "192.0.2.7" not in client.get(URL, {"person": chen.pk}).text


def test_more_than_a_page_is_paged(read: Conversation, chen: Any, lin: Any) -> None:
    for place in range(1, 60):
        note_read(lin, read.pk, door="desk", address=f"192.0.2.{place + 100}", at=NOON + timedelta(hours=place))
    client = signed_in(chen)
    first = client.get(URL)
    assert "192.0.2.159" in first.text
    assert "192.0.2.101" not in first.text
    following = client.get(URL, {"after": first.context["after"]})
    assert "192.0.2.101" in following.text


def test_a_page_address_we_did_not_write_is_refused(read: Conversation, chen: Any) -> None:
    assert signed_in(chen).get(URL, {"after": "nonsense", "person": "x"}).status_code == 400


def test_only_reading_is_possible(read: Conversation, chen: Any) -> None:
    assert signed_in(chen).post(URL).status_code == 405
