"""Every address of the desk, found by walking the table of addresses: closed to strangers, silent to other teams.

The rooms test their own doors one by one. This walks whatever is in the table, so that an address that somebody adds
and forgets is tried too. A room's page that is meant for everybody stands in ``OPEN``, with why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from careloop.accounts.models import User
from careloop.care.models import FollowUp
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Message, Resolution
from careloop.conversations.services.posting import Content, File, add_customer_message
from careloop.conversations.services.resolution import resolve
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer, Identity
from careloop.files import services as files
from careloop.triage.services.classifying import classify

pytestmark = [pytest.mark.django_db]

SECRET = "翡翠旗舰店"  # In everything the care team knows, and nowhere else.
OPEN = {
    "health": "for whoever watches whether the desk is up; says nothing else",
    "home": "only leads on to the desk",
    "portal": "for customers, who have no account",
    "surveys:survey": "opens to who holds the signed link",
    "surveys:": "the same with a slash behind",
    "knowledge:help": "published articles",
    "knowledge:help_article": "published articles",
    "knowledge:offers": "published articles, offered while a customer writes",
    "api-1": "asks for a token of its own",
    "workspace:language": "the sign-in page has the choice of language too",
    "workspace:theme": "the sign-in page has the choice of light or dark too",
}
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
SAMPLES = {
    "view": "mine",
    "head": "nature",
    "key": "quality",
    "week": "2026-W47",
    "name": "photo.png",
    "receipt": "x",
    "inbox": "email",
}


def addresses(patterns: Any = None, route: str = "", names: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every name and route of the table."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            inner = (*names, each.namespace) if each.namespace else names
            yield from addresses(each.url_patterns, route + str(each.pattern), inner)
        elif isinstance(each, URLPattern):
            yield ":".join((*names, each.name or "")), route + str(each.pattern)


def guarded() -> list[tuple[str, str]]:
    return [(name, route) for name, route in addresses() if not _is_open(name) and not _is_djangos(route)]


def _is_open(name: str) -> bool:
    return name in OPEN or name.partition(":")[0] in OPEN


def _is_djangos(route: str) -> bool:
    """The admin and the pages to sign in have doors of their own."""
    return route.startswith(("admin/", "accounts/"))


def filled(route: str, numbers: list[int]) -> Iterator[str]:
    """The route with every number in every place that takes one, and a sample word in every other."""
    parameters = PARAMETER.findall(route)
    choices = [[str(n) for n in numbers] if kind == "int" else [SAMPLES[name]] for kind, name in parameters]
    for values in product(*choices):
        address = route
        for value in values:
            address = PARAMETER.sub(value, address, count=1)
        yield "/" + address


@pytest.fixture
def secrets(mei: Customer, email_inbox: Any, lin: User) -> list[int]:
    """What the care team knows of one customer, all of it marked; returns the numbers that could name a row of it."""
    mei.name = f"{SECRET} 王"
    mei.save()
    Identity.objects.filter(customer=mei).update(value=f"{SECRET}@example.com")
    photo = File(files.store(b"\x89PNG\r\n\x1a\n" + SECRET.encode(), "image/png"), f"{SECRET}.png", "", False)
    rows = []
    for subject in (f"{SECRET} 退款", f"{SECRET} 投诉"):
        row = start(inbox=email_inbox, customer=mei, subject=subject, language="zh")
        text = f"{SECRET}：我要投诉，脸都肿了，怎么退款？"
        message = add_customer_message(row, Content(text=text, language="zh", files=[photo]), customer=mei)
        classify(message)
        rows.append(row)
    resolve(rows[0], by=lin, solved=True, satisfied=True, outcome="refunded", cause="product", note=SECRET)
    row = Resolution.objects.get()
    FollowUp.objects.create(
        conversation=rows[0],
        resolution=row,
        created_at=timezone.now(),
        due_at=timezone.now() + timedelta(days=1),
        draft=SECRET,
    )
    numbers = {mei.pk, *Message.objects.values_list("pk", flat=True), *FollowUp.objects.values_list("pk", flat=True)}
    for row in rows:
        numbers |= {row.pk, row.number}
    return sorted(numbers)


def test_the_open_doors_are_still_there() -> None:
    there = {name for name, _ in addresses()} | {name.partition(":")[0] for name, _ in addresses()}
    assert set(OPEN) <= there


def test_who_is_signed_out_learns_nothing(client: Client, db: None) -> None:
    found = []
    for (_, route), method in product(guarded(), ("get", "post")):
        for address in filled(route, [1]):
            answer = getattr(client, method)(address)
            asked = answer.status_code == 302 and answer["Location"].startswith(reverse(settings.LOGIN_URL))
            if not asked and answer.status_code != 405:
                found.append(f"{method} {address}: {answer.status_code}")
    assert found == []
    assert not Event.objects.exists()


@pytest.mark.slow
def test_another_team_reads_nothing(client: Client, bob: User, secrets: list[int]) -> None:
    client.force_login(bob)
    found = []
    for address in every_address(secrets):
        answer = client.get(address, follow=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code >= 500 or SECRET in body.decode("utf-8", "replace"):
            found.append(f"{address}: {answer.status_code}")
    assert found == []


@pytest.mark.slow
def test_another_team_changes_nothing(client: Client, bob: User, secrets: list[int]) -> None:
    before = _state()
    client.force_login(bob)
    anything = {"text": "x", "owner": "me", "reason": "x", "label": "x", "numbers": secrets, "at": "2030-01-01T10:00"}
    found = []
    for address in every_address(secrets):
        answer = client.post(address, anything)
        if answer.status_code >= 500 or SECRET in answer.content.decode("utf-8", "replace"):
            found.append(f"{address}: {answer.status_code}")
    assert found == []
    assert _state() == before


@pytest.mark.slow
def test_the_marks_are_there_to_be_found(client: Client, chen: User, secrets: list[int]) -> None:
    """The walk above proves something only if the same walk finds the secret for its own team."""
    client.force_login(chen)
    showing = {
        name
        for name, route in guarded()
        for address in filled(route, secrets)
        if SECRET in client.get(address, follow=True).content.decode("utf-8", "replace")
    }
    assert {"workspace:conversation", "workspace:customer", "workspace:thread", "care:follow_up"} <= showing


def every_address(numbers: list[int]) -> Iterator[str]:
    return (address for _, route in guarded() for address in filled(route, numbers))


def _state() -> list[Any]:
    return [
        list(rows.order_by("pk").values())
        for rows in (Conversation.objects.all(), Message.objects.all(), FollowUp.objects.all(), Customer.objects.all())
    ]


def _needs_a_secret(route: str) -> bool:
    """Opens to a signed link, or is the API's, which has no pages but its documentation."""
    return any(kind != "int" and name not in SAMPLES for kind, name in PARAMETER.findall(route))


class Inline(HTMLParser):
    """What a strict content security policy would refuse, found in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        self._in_script = tag == "script" and "src" not in names and names.get("type") != "application/json"
        if tag == "style" and "nonce" not in names:
            self.found.append("<style>")
        self.found += [f"{tag} {name}" for name in names if name == "style" or re.fullmatch(r"on[a-z]+", name)]
        self.found += [f"{tag} {name}={value}" for name, value in attrs if (value or "").startswith("javascript:")]

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append(f"<script>{data[:40]}")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_needs_what_its_policy_forbids(
    client: Client, chen: User, secrets: list[int], email_inbox: Any, language: str
) -> None:
    chen.language = language
    chen.save()
    client.force_login(chen)
    pages = [route for _, route in addresses() if not _is_djangos(route) and not _needs_a_secret(route)]
    found = [
        problem
        for route in pages
        for address in filled(route, secrets)
        if "/original/" not in address
        for problem in _forbidden(address, client.get(address))
    ]
    assert found == []


def _forbidden(address: str, answer: Any) -> list[str]:
    """Why this page would break or weaken its policy; nothing for what is no page."""
    if answer.status_code >= 500:
        return [f"{address}: {answer.status_code}"]
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return []
    policy = answer.get("Content-Security-Policy", "")
    page = Inline()
    page.feed(answer.content.decode())
    weak = [word for word in ("unsafe-inline", "unsafe-eval") if word in policy] or ([] if policy else ["no policy"])
    return [f"{address}: {problem}" for problem in (*weak, *page.found)]
