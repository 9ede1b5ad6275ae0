"""Browsers signed in as people of the cast, and what a desk shows besides one complaint."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from careloop.conversations.models import Conversation
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.conversations.services.starting import start
from careloop.workspace import assets, looks

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Inbox
    from careloop.customers.models import Customer

HTMX = {"HX-Request": "true"}
BUILT = {
    "app.css": "app.css",
    "app.js": "app.js",
    "charts.js": "charts.js",
    "icons.svg": "icons.svg",
    "mark.svg": "mark.svg",
}

MakeMany = Callable[..., list[Conversation]]


@pytest.fixture(autouse=True)
def _names_of_built_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages name the built files; whether they were built is for `make`, not for these tests."""
    monkeypatch.setattr(assets, "_manifest", lambda: BUILT)
    if "/icons.svg#" not in looks.icon("x"):
        for remembered in assets._remembered:  # with the names of a front end that another room's tests have seen
            remembered.cache_clear()


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_lin(lin: User) -> Client:
    return _signed_in(lin)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return _signed_in(bob)


@pytest.fixture
def as_chen(chen: User) -> Client:
    return _signed_in(chen)


@pytest.fixture
def many(email_inbox: Inbox, mei: Customer) -> MakeMany:
    """So many open conversations of one customer, a minute apart, the last the newest."""

    def make(count: int, **fields: object) -> list[Conversation]:
        now = timezone.now()
        made = []
        for place in range(count):
            at = now - timedelta(minutes=count - place)
            row = start(inbox=email_inbox, customer=mei, subject=f"Matter {place}", at=at)
            add_customer_message(row, Content(text=f"Words {place}"), customer=mei, at=at)
            made.append(row)
        if fields:
            Conversation.objects.filter(pk__in=[row.pk for row in made]).update(**fields)
        return made

    return make
