"""Reading and answering through the API: the litany per address."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from careloop.accounts.services import tokens
from careloop.channels.api import endpoints
from careloop.conversations.models import Conversation

pytestmark = pytest.mark.django_db

ALL = ["messages:write", "conversations:read", "conversations:write"]


def signed(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_list_shows_what_the_token_s_owner_may_see(
    client: Client, complaint: Any, api_token: str, bob: Any
) -> None:
    mine = client.get("/api/v1/conversations", headers=signed(api_token)).json()
    assert [each["reference"] for each in mine["items"]] == [complaint.reference]
    theirs = client.get("/api/v1/conversations", headers=signed(tokens.issue(bob, name="b", scopes=ALL))).json()
    assert theirs["items"] == []


def test_a_reply_is_posted_and_ends_the_wait(client: Client, complaint: Any, api_token: str) -> None:
    answer = client.post(
        f"/api/v1/conversations/{complaint.reference}/replies", {"text": "非常抱歉，我马上为您核实。"},
        content_type="application/json", headers=signed(api_token),
    )  # fmt: skip
    assert answer.status_code == 201
    complaint.refresh_from_db()
    assert (complaint.state, complaint.waiting_since) == ("waiting", None)
    said = client.get(f"/api/v1/conversations/{complaint.reference}/messages", headers=signed(api_token)).json()
    assert [each["kind"] for each in said] == ["customer", "reply"]
    assert said[1]["delivery"] == "pending"


def test_resolving_needs_an_outcome_and_a_cause(client: Client, complaint: Any, api_token: str) -> None:
    address = f"/api/v1/conversations/{complaint.reference}/resolution"
    body = {"solved": True, "satisfied": True, "outcome": "nonsense", "cause": "logistics"}
    bad = client.post(address, body, content_type="application/json", headers=signed(api_token))
    assert bad.json()["error"]["code"] == "unknown_outcome"
    good = client.post(
        address, {**body, "outcome": "refunded"}, content_type="application/json", headers=signed(api_token)
    )
    assert good.json()["state"] == "resolved"
    again = client.post(
        address, {**body, "outcome": "refunded"}, content_type="application/json", headers=signed(api_token)
    )
    assert again.status_code == 409


@pytest.mark.parametrize("path", ["", "/messages"])
def test_another_team_finds_nothing(client: Client, complaint: Any, bob: Any, path: str) -> None:
    token = tokens.issue(bob, name="b", scopes=ALL)
    answer = client.get(f"/api/v1/conversations/{complaint.reference}{path}", headers=signed(token))
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("reference", ["CL-1", "CL-999999999999999999999", "nonsense", "0"])
def test_a_missing_conversation_is_a_plain_404(client: Client, api_token: str, reference: str) -> None:
    assert client.get(f"/api/v1/conversations/{reference}", headers=signed(api_token)).status_code == 404


def test_a_forged_cursor_is_refused(client: Client, api_token: str) -> None:
    answer = client.get("/api/v1/conversations?after=xyz", headers=signed(api_token))
    assert answer.json()["error"]["code"] == "bad_cursor"


def test_the_list_is_paged_by_its_order_and_state(
    client: Client, api_token: str, mei: Any, email_inbox: Any, care_team: Any, wholesale_team: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(endpoints, "PAGE", 2)
    start = timezone.now() - timedelta(days=1)
    made = Conversation.objects.bulk_create(
        Conversation(
            customer=mei, inbox=email_inbox, channel="email", team=team, state=state, created_at=start,
            last_activity_at=start + timedelta(minutes=place), next_due_at=start - timedelta(hours=place),
        )
        for place, (team, state) in enumerate(product((care_team, wholesale_team, None), ("open", "resolved", "open")))
    )  # fmt: skip
    theirs = [row for row in made if row.team != wholesale_team]

    def pages(query: str) -> list[str]:
        shown, after = [], ""
        while True:
            page = client.get(f"/api/v1/conversations?{query}&after={after}", headers=signed(api_token)).json()
            shown += [each["reference"] for each in page["items"]]
            after = page["next"]
            if not after:
                return shown

    newest = [row.reference for row in reversed(theirs)]
    assert pages("") == newest
    assert pages("state=resolved") == [row.reference for row in reversed(theirs) if row.state == "resolved"]
    assert pages("sort=due") == newest
    assert pages("sort=due&state=open") == [row.reference for row in reversed(theirs) if row.state == "open"]


@pytest.mark.parametrize("query", ["state=closed", "state=open'--", "sort=size"])
def test_an_unknown_state_or_order_is_refused(client: Client, api_token: str, query: str) -> None:
    assert client.get(f"/api/v1/conversations?{query}", headers=signed(api_token)).status_code == 400


def test_signed_out(client: Client, complaint: Any) -> None:
    assert client.get(f"/api/v1/conversations/{complaint.reference}").status_code == 401


def test_a_reply_is_checked_as_on_the_desk(client: Client, complaint: Any, api_token: str) -> None:
    address = f"/api/v1/conversations/{complaint.reference}/replies"
    text = "您脸上发红是正常的，请继续使用，坚持几天就好了，保证百分百根治过敏。"
    stopped = client.post(address, {"text": text}, content_type="application/json", headers=signed(api_token))
    assert stopped.json()["error"]["code"] == "reply_blocked"
    assert not complaint.messages.filter(kind="reply").exists()
    body = {"text": text, "override_reason": "quoted from the doctor's letter"}
    sent = client.post(address, body, content_type="application/json", headers=signed(api_token))
    assert sent.status_code == 201
