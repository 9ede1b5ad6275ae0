"""Who opens a sensitive conversation leaves a row; who opens an ordinary one leaves none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from careloop.audit.models import SensitiveRead
from careloop.audit.sensitive import signals_of
from careloop.audit.services.reading import forget_old_reads, note_read
from careloop.audit.tests.factories import endangered
from careloop.conversations.models import Conversation
from careloop.routing.services.prioritising import prioritise
from careloop.triage.models import Prediction
from careloop.triage.services.correcting import correct

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 7, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def signed_in(user: Any) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(user)
    return client


def reads() -> list[tuple[str, int, list[str]]]:
    return [(row.who, row.conversation_id, row.signals) for row in SensitiveRead.objects.order_by("pk")]


def test_opening_a_conversation_with_a_crisis_signal_is_noted(complaint: Conversation, lin: Any) -> None:
    endangered(complaint, "self_harm")
    assert signed_in(lin).get(f"/conversations/{complaint.number}/").status_code == 200
    row = SensitiveRead.objects.get()
    assert (row.person, row.conversation_id, row.signals) == (lin, complaint.pk, ["self_harm"])
    assert (row.address, row.door, row.number) == ("192.0.2.7", "desk", complaint.number)


def test_an_ordinary_conversation_is_not_noted(complaint: Conversation, lin: Any) -> None:
    client = signed_in(lin)
    client.get(f"/conversations/{complaint.number}/")
    client.get(f"/conversations/{complaint.number}/thread/", headers=HTMX)
    assert reads() == []


def test_the_danger_a_person_marked_counts_as_much(complaint: Conversation, lin: Any) -> None:
    entry = prioritise(complaint, [])
    entry.is_flagged = True
    entry.save()
    prioritise(complaint, [])
    signed_in(lin).get(f"/conversations/{complaint.number}/")
    assert reads() == [("林晓 <lin@hemu.example>", complaint.pk, ["marked"])]


def test_a_signal_a_person_took_away_no_longer_counts(complaint: Conversation, lin: Any) -> None:
    endangered(complaint, "fraud")
    correct(Prediction.objects.get(), "none", by=lin)
    assert signals_of(complaint.pk) == []


def test_refreshing_within_the_quarter_of_an_hour_adds_nothing(complaint: Conversation, lin: Any) -> None:
    endangered(complaint, "injury")
    client = signed_in(lin)
    for _again in range(3):
        client.get(f"/conversations/{complaint.number}/")
        client.get(f"/conversations/{complaint.number}/thread/", headers=HTMX)
        cache.clear()  # as if another process answered
    assert len(reads()) == 1


def test_the_next_quarter_and_the_next_person_are_noted_again(complaint: Conversation, lin: Any, chen: Any) -> None:
    endangered(complaint, "injury")
    for at in (NOON, NOON + timedelta(minutes=7), NOON + timedelta(minutes=8)):
        note_read(lin, complaint.pk, door="desk", at=at)
    note_read(chen, complaint.pk, door="desk", at=NOON)
    assert [row.quarter.minute for row in SensitiveRead.objects.order_by("pk")] == [0, 15, 0]


def test_reading_on_in_the_thread_is_noted_without_its_page(complaint: Conversation, lin: Any) -> None:
    endangered(complaint, "injury")
    signed_in(lin).get(f"/conversations/{complaint.number}/thread/", headers=HTMX)
    assert len(reads()) == 1


def test_reading_through_the_api_is_noted(complaint: Conversation, lin: Any, api_token: str) -> None:
    endangered(complaint, "injury")
    header = {"Authorization": f"Bearer {api_token}"}
    assert Client().get(f"/api/v1/conversations/{complaint.reference}/messages", headers=header).status_code == 200
    assert Client().get(f"/api/v1/conversations/{complaint.reference}", headers=header).status_code == 200
    assert [(row.person, row.door) for row in SensitiveRead.objects.all()] == [(lin, "api")]


def test_another_team_that_finds_nothing_leaves_no_row(complaint: Conversation, bob: Any) -> None:
    endangered(complaint, "injury")
    assert signed_in(bob).get(f"/conversations/{complaint.number}/").status_code == 404
    assert reads() == []


def test_an_ordinary_conversation_costs_one_query_and_the_pane_none(complaint: Conversation, lin: Any) -> None:
    with CaptureQueriesContext(connection) as captured:
        note_read(lin, complaint.pk, door="desk")
    (asked,) = [each["sql"] for each in captured.captured_queries]
    with CaptureQueriesContext(connection) as captured:
        signed_in(lin).get(f"/conversations/{complaint.number}/")
    assert asked not in [each["sql"] for each in captured.captured_queries]


def test_the_row_outlives_the_person_and_the_conversation(complaint: Conversation, lin: Any) -> None:
    endangered(complaint, "injury")
    pk = complaint.pk
    note_read(lin, pk, door="desk")
    Conversation.objects.filter(pk=pk).delete()
    lin.delete()
    assert reads() == [("林晓 <lin@hemu.example>", pk, ["injury"])]


def test_old_reads_are_forgotten_when_their_time_is_over(complaint: Conversation, lin: Any, settings: Any) -> None:
    settings.CARELOOP_READS_KEPT_FOR = timedelta(days=30)
    endangered(complaint, "injury")
    note_read(lin, complaint.pk, door="desk", at=NOON)
    note_read(lin, complaint.pk, door="desk", at=NOON + timedelta(days=2))
    assert forget_old_reads(at=NOON + timedelta(days=31)) == 1
    assert SensitiveRead.objects.get().at == NOON + timedelta(days=2)
