"""The composed statements of ``common.db.rows`` leave the same rows behind as the ORM does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from careloop.common.db.rows import fetch, find, insert, reread, update
from careloop.conversations.models import Conversation
from careloop.customers.models import Customer, Identity

AT = datetime(2026, 11, 9, 8, 30, 15, 250_000, tzinfo=UTC)


def values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}


def test_what_is_inserted_reads_like_what_was_given(complaint: Conversation) -> None:
    given = Conversation(
        customer=complaint.customer, inbox=complaint.inbox, subject="退款 'quoted' %s", channel="email",
        created_at=AT, last_activity_at=AT, needs_review=True,
    )  # fmt: skip
    insert([given])
    assert values(Conversation.objects.get(pk=given.pk)) == values(given)
    assert values(fetch(Conversation, given.pk)) == values(given)


def test_a_field_that_dates_itself_is_dated_and_json_stays_json(db: None) -> None:
    customer = Customer(name="王雨晴", profile={"喜欢": ["无香", 1.5, None]})
    insert([customer])
    assert customer.created_at is not None
    assert fetch(Customer, customer.pk).profile == {"喜欢": ["无香", 1.5, None]}


def test_more_rows_than_one_statement_holds_get_their_ids_in_order(mei: Customer) -> None:
    rows = [Identity(customer=mei, kind="external", value=str(number)) for number in range(400)]
    insert(rows)
    kept = dict(Identity.objects.filter(kind="external").values_list("pk", "value"))
    assert {row.pk: row.value for row in rows} == kept


def test_only_the_named_fields_are_written_and_read_again(complaint: Conversation) -> None:
    other = Conversation.objects.get(pk=complaint.pk)
    other.subject, other.waiting_since = "Changed", None
    assert update(other, "waiting_since")
    complaint.subject = "Unsaved"
    reread(complaint, "waiting_since", lock=True)
    assert (complaint.waiting_since, complaint.subject) == (None, "Unsaved")
    assert Conversation.objects.get(pk=complaint.pk).subject == "退款 12 天仍未到账"


def test_a_row_that_is_gone_is_said_to_be_gone(db: None) -> None:
    assert find(Customer, "id", 1) is None
    assert not update(Customer(pk=1, name="Nobody"), "name")
    with pytest.raises(Customer.DoesNotExist):
        fetch(Customer, 1)
    with pytest.raises(Customer.DoesNotExist):
        reread(Customer(pk=1), "name")
