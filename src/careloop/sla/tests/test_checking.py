"""The button "facts checked" of class B, through HTTP (mission 74)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import User
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.sla.models import Clock
from careloop.sla.services.panel import clock_lines
from careloop.sla.services.starting import start_clocks
from careloop.sla.tests.factories import found, wrote
from careloop.triage.services.correcting import label_by_hand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture
def order_question(mei: Customer, email_inbox: Inbox) -> Conversation:
    message = wrote(mei, email_inbox, timezone.now())
    label_by_hand(message.conversation, "handling_class", "B", by=None, source="import")
    start_clocks(message.conversation, message, found(handling_class="B"))
    return message.conversation


def address(conversation: Conversation) -> str:
    return f"/conversations/{conversation.pk}/checked/"


def test_checking_starts_the_hour_and_goes_back(client: Client, lin: User, order_question: Conversation) -> None:
    client.force_login(lin)
    assert clock_lines(order_question)[0].awaits_check
    answer = client.post(address(order_question))
    assert answer.status_code == 302
    assert Clock.objects.get(kind="resolution").policy_row == "class-b"
    assert not any(line.awaits_check for line in clock_lines(order_question))


def test_checking_twice_keeps_the_first_hour(client: Client, lin: User, order_question: Conversation) -> None:
    client.force_login(lin)
    client.post(address(order_question))
    first = Clock.objects.get(kind="resolution").due_at
    client.post(address(order_question))
    assert Clock.objects.get(kind="resolution").due_at == first


def test_the_litany_of_refusals(client: Client, bob: User, lin: User, order_question: Conversation) -> None:
    assert client.post(address(order_question)).status_code == 302
    client.force_login(bob)
    assert client.post(address(order_question)).status_code == 404
    client.force_login(lin)
    assert client.get(address(order_question)).status_code == 405
    assert client.post("/conversations/999999/checked/").status_code == 404
    assert not Clock.objects.filter(kind="resolution").exists()


def test_a_product_problem_asks_for_no_check(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, timezone.now())
    start_clocks(message.conversation, message, found(handling_class="C"))
    assert not any(line.awaits_check for line in clock_lines(message.conversation))
