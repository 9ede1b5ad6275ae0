"""A prepared query gives what the plain one gives, for every value, without building its SQL again."""

from __future__ import annotations

import threading
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
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
