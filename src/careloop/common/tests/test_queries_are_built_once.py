"""A prepared query gives what the plain one gives, for every value, without building its SQL again."""

from __future__ import annotations

import threading
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.signals import post_init
from django.db.models.sql.compiler import SQLCompiler
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careloop.common.db.prepared import prepared
from careloop.common.models import Event

pytestmark = pytest.mark.django_db


@prepared
def named(name: str, conversation: int) -> QuerySet[Event]:
    return Event.objects.filter(name=name, conversation_id=conversation).select_related("actor").order_by("id")


@prepared
def of_some(conversations: tuple[int, ...], newest_first: bool) -> QuerySet[Event]:
    rows = Event.objects.filter(conversation_id__in=conversations).only("name")
    return rows.order_by("-id" if newest_first else "id")[:3]


@prepared
def looks_itself(conversation: int) -> QuerySet[Event]:
    return Event.objects.filter(conversation_id=conversation + 1)


@pytest.fixture(autouse=True)
def events() -> list[Event]:
    rows = [("reply", 1), ("note", 1), ("reply", 2), ("reply", 1), ("note", 3)]
    return [Event.objects.create(name=name, conversation_id=number, at=timezone.now()) for name, number in rows]


def test_each_call_has_its_own_values(events: list[Event]) -> None:
    assert named("reply", 1) == [events[0], events[3]]
    assert named("reply", 2) == [events[2]]
    assert named("it's 100% new", 2) == []


def test_a_tuple_may_be_of_any_length_and_a_flag_has_its_own_text(events: list[Event]) -> None:
    assert of_some((1, 3), False) == [events[0], events[1], events[3]]
    assert of_some((1, 3), True) == [events[4], events[3], events[1]]
    assert of_some((2,), True) == [events[2]]
    assert of_some((), True) == []


def test_the_rows_are_those_of_django_with_what_was_left_out_still_to_be_had(events: list[Event]) -> None:
    [row] = of_some((2,), False)
    assert row.get_deferred_fields() == {"at", "actor_id", "conversation_id", "subject", "subject_id", "data"}
    assert row.conversation_id == 2


def test_the_text_is_built_once() -> None:
    named("reply", 1)
    with patch.object(SQLCompiler, "as_sql", side_effect=AssertionError("built again")):
        assert len(named("note", 3)) == 1


def test_the_first_row_or_none(events: list[Event]) -> None:
    assert of_some.first((1,), True) == events[3]
    assert of_some.first((9,), True) is None


def test_a_query_that_looks_at_its_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="does not reach the query"):
        looks_itself(1)


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_share_a_connection(events: list[Event]) -> None:
    found: list[int] = []

    def look() -> None:
        found.extend(len(named("reply", 1)) for _ in range(20))
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 80


def test_rows_read_along_know_each_other_and_may_be_missing(lin: Any) -> None:
    Event.objects.create(name="sent", conversation_id=7, at=timezone.now(), actor=lin)
    Event.objects.create(name="sent", conversation_id=7, at=timezone.now())
    by_lin, by_nobody = named("sent", 7)
    with CaptureQueriesContext(connection) as captured:
        assert by_lin.actor == lin
        assert by_nobody.actor is None
    assert not captured.captured_queries


def test_a_row_is_as_django_makes_it(lin: Any) -> None:
    Event.objects.create(name="sent", conversation_id=8, at=timezone.now(), actor=lin, data={"words": ["你好"]})
    [ours], theirs = named("sent", 8), Event.objects.select_related("actor").get(conversation_id=8)
    assert model_to_dict(ours) == model_to_dict(theirs)
    assert (ours.at, ours.data, ours._state.adding, ours._state.db) == (
        theirs.at,
        {"words": ["你好"]},
        False,
        "default",
    )
    ours.name = "changed"
    ours.save(update_fields=["name"])
    theirs.refresh_from_db()
    assert theirs.name == "changed"


def test_who_listens_to_a_model_hears_of_its_rows(events: list[Event]) -> None:
    heard: list[object] = []

    def hear(instance: Event, **_: object) -> None:
        heard.append(instance.pk)

    @prepared
    def asked_anew(conversation: int) -> QuerySet[Event]:
        return Event.objects.filter(conversation_id=conversation).order_by("id")

    post_init.connect(hear, sender=Event)
    try:
        asked_anew(1)
    finally:
        post_init.disconnect(hear, sender=Event)
    assert heard == [events[0].pk, events[1].pk, events[3].pk]
