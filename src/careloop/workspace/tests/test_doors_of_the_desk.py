"""Every address of the desk: works for its own people, closed to strangers, silent about other teams' matters."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from careloop.conversations.models import Conversation
from careloop.workspace.tests.conftest import HTMX
from careloop.workspace.urls import urlpatterns

READ = (
    "conversation", "thread", "resolution", "assignment", "snooze", "saved_replies", "colleagues", "alarm",
    "suggestions",
)  # fmt: skip
CHANGE = (
    "messages", "checks", "draft", "resolution", "reopening", "assignment", "claim", "snooze", "review", "alarm",
    "suggestions",
)  # fmt: skip
PAGES = ("home", "customers", "search", "call_new", "triage_review")
NOBODY = 999_999


def url(name: str, number: int) -> str:
    return reverse(f"workspace:{name}", args=[number])


@pytest.mark.parametrize("name", READ)
def test_ones_own_team_reads_it(as_lin: Client, complaint: Conversation, name: str) -> None:
    assert as_lin.get(url(name, complaint.number)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_open(as_lin: Client, complaint: Conversation, name: str) -> None:
    assert as_lin.get(reverse(f"workspace:{name}"), follow=True).status_code == 200


@pytest.mark.parametrize("name", READ)
def test_who_is_signed_out_is_asked_to_sign_in(client: Client, complaint: Conversation, name: str) -> None:
    answer = client.get(url(name, complaint.number))
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("name", CHANGE)
def test_who_is_signed_out_changes_nothing(client: Client, complaint: Conversation, name: str) -> None:
    assert client.post(url(name, complaint.number)).status_code == 302
    part = client.post(url(name, complaint.number), headers=HTMX)
    assert (part.status_code, part["HX-Refresh"]) == (401, "true")


@pytest.mark.parametrize("name", PAGES)
def test_pages_ask_who_is_signed_out(client: Client, db: None, name: str) -> None:
    assert client.get(reverse(f"workspace:{name}")).status_code == 302


@pytest.mark.parametrize("name", READ)
def test_another_team_finds_nothing(as_bob: Client, complaint: Conversation, name: str) -> None:
    assert as_bob.get(url(name, complaint.number)).status_code == 404


@pytest.mark.parametrize("name", CHANGE)
def test_another_team_changes_nothing(as_bob: Client, complaint: Conversation, name: str) -> None:
    before = Conversation.objects.values().get(pk=complaint.pk)
    assert as_bob.post(url(name, complaint.number), {"text": "x", "owner": "team:1"}).status_code == 404
    assert Conversation.objects.values().get(pk=complaint.pk) == before


@pytest.mark.parametrize("name", [*READ, *CHANGE])
def test_a_missing_conversation_is_not_found(as_lin: Client, name: str) -> None:
    method = as_lin.get if name in READ else as_lin.post
    assert method(url(name, NOBODY)).status_code == 404


@pytest.mark.parametrize("name", sorted(set(CHANGE) - set(READ)))
def test_what_changes_something_is_not_a_link(as_lin: Client, complaint: Conversation, name: str) -> None:
    answer = as_lin.get(url(name, complaint.number))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "只接受从页面提交的内容" in answer.content.decode()


def test_every_address_is_in_this_litany() -> None:
    elsewhere = {
        "next", "list", "rows", "counts", "list_conversation", "original", "attachment", "delivery", "correction",
        "bulk_claims", "bulk_assignments", "bulk_snoozes", "customer", "mention_news", "theme", "language", "presence",
        "triage_answers", "triage_skips", "triage_withdrawals",
    }  # fmt: skip
    names = {pattern.name for pattern in urlpatterns}
    assert names - elsewhere == {*READ, *CHANGE, *PAGES}
