"""Customers are found by name, address or order, by those who serve them, however many others there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer, Identity, Order
from careloop.customers.services.merging import merge
from careloop.workspace import customers

pytestmark = pytest.mark.django_db


def known(team: Team | None, inbox: Inbox, *names: str) -> list[Customer]:
    now = timezone.now()
    made = []
    for name in names:
        customer = Customer.objects.create(name=name)
        Conversation.objects.create(
            customer=customer, inbox=inbox, team=team, channel="email", created_at=now, last_activity_at=now
        )
        made.append(customer)
    return made


def found(user: User, query: str) -> list[str]:
    return [row.name for row in customers.page_of(user, query).rows]


@pytest.fixture(params=["few", "many"])
def seen(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways: looking through the few that somebody sees, and asking the index."""
    monkeypatch.setattr(customers, "FEW", 1_000 if request.param == "few" else 0)
    monkeypatch.setattr(customers, "READ_AT_ONCE", 2)


def test_by_any_part_of_the_name_and_only_ones_own(
    seen: None, lin: User, bob: User, admin: User, care_team: Team, wholesale_team: Team, email_inbox: Inbox
) -> None:
    known(care_team, email_inbox, "王雨晴", "王小明", "Grace O'Neill")
    known(wholesale_team, email_inbox, "王掌柜")
    known(None, email_inbox, "王无队")
    Customer.objects.create(name="王新来")
    assert found(lin, "王") == ["王无队", "王小明", "王雨晴"]
    assert found(lin, "neil") == ["Grace O'Neill"]
    assert found(bob, "王") == ["王无队", "王掌柜"]
    assert found(admin, "王") == ["王新来", "王无队", "王掌柜", "王小明", "王雨晴"]
    assert found(lin, "nobody of that name") == []


@pytest.mark.parametrize("query", ["mei@", "+8613", "A-1042"])
def test_by_address_or_order(query: str, lin: User, bob: User, care_team: Team, email_inbox: Inbox) -> None:
    (mei,) = known(care_team, email_inbox, "Mei")
    Identity.objects.create(customer=mei, kind="email", value="mei@example.com")
    Identity.objects.create(customer=mei, kind="phone", value="+8613900000000")
    Order.objects.create(customer=mei, number="A-1042", placed_at=timezone.now(), total=1)
    assert found(lin, query) == ["Mei"]
    assert found(bob, query) == []


def test_pages_hold_everybody_once(
    seen: None, monkeypatch: pytest.MonkeyPatch, lin: User, admin: User, care_team: Team, email_inbox: Inbox
) -> None:
    monkeypatch.setattr(customers, "PAGE_ROWS", 3)
    everybody = known(care_team, email_inbox, *[f"Customer {n}" for n in range(8)])
    Identity.objects.create(customer=everybody[1], kind="email", value="customer@example.com")
    for user in (lin, admin):
        for query in ("customer", ""):
            shown, after = [], ""
            while True:
                page = customers.page_of(user, query, after=after)
                shown += [row.pk for row in page.rows]
                after = page.after
                if not after:
                    break
            assert shown == [each.pk for each in reversed(everybody)]


def test_a_merged_record_is_found_as_the_one_that_stayed(
    seen: None, lin: User, admin: User, care_team: Team, email_inbox: Inbox
) -> None:
    first, second = known(care_team, email_inbox, "王雨晴", "王雨情")
    merge(second, first, by=admin)
    for user in (lin, admin):
        assert found(user, "王雨") == ["王雨晴"]
        assert found(user, "") == ["王雨晴"]


def test_a_renamed_customer_is_found_by_the_new_name(lin: User, care_team: Team, email_inbox: Inbox) -> None:
    (mei,) = known(care_team, email_inbox, "王雨晴")
    mei.name = "李雷"
    mei.save()
    assert (found(lin, "王雨"), found(lin, "李雷")) == ([], ["李雷"])


def test_the_list_of_a_team_is_read_from_its_index(care_team: Team) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN QUERY PLAN SELECT DISTINCT customer_id FROM conversations_conversation "
                "WHERE team_id = %s AND customer_id < 99 ORDER BY customer_id DESC LIMIT 9",
                [care_team.pk],
            )
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        assert "COVERING INDEX conv_team_customer" in plan
        assert "TEMP B-TREE" not in plan
