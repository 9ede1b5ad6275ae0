"""``POST /api/v1/messages``: kept before it is read, once per key (mission 7, 148)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from careloop.accounts.services import tokens
from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Conversation, Message
from careloop.intake.models import RawMessage

pytestmark = pytest.mark.django_db(transaction=True)

COMPLAINT = {
    "inbox": "api",
    "sender": {"email": "Yuqing.Wang@Example.com", "name": "王雨晴"},
    "text": "我购买的产品出现了质量问题，无法正常使用。",
    "thread": "wx-77",
}


def post(client: Client, token: str, body: Any = None, key: str = "k-1") -> Any:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return client.post(
        "/api/v1/messages", COMPLAINT if body is None else body, content_type="application/json", headers=headers
    )


def test_a_message_is_kept_and_becomes_a_conversation(client: Client, api_inbox: Any, api_token: str) -> None:
    answer = post(client, api_token)
    assert answer.status_code == 202
    assert answer.json()["state"] == "kept"
    run_pending_jobs()
    conversation = Conversation.objects.get()
    assert conversation.customer.name == "王雨晴"
    assert conversation.language == "zh"
    assert conversation.waiting_since is not None
    state = client.get(
        f"/api/v1/messages/{answer.json()['id']}", headers={"Authorization": f"Bearer {api_token}"}
    ).json()
    assert state == {
        "id": answer.json()["id"],
        "state": "accepted",
        "reason": "",
        "conversation": conversation.reference,
    }


def test_the_same_key_again_changes_nothing(client: Client, api_inbox: Any, api_token: str) -> None:
    first = post(client, api_token)
    run_pending_jobs()
    again = post(client, api_token)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    run_pending_jobs()
    assert Message.objects.count() == 1


def test_the_same_key_for_another_message_is_refused(client: Client, api_inbox: Any, api_token: str) -> None:
    post(client, api_token)
    other = post(client, api_token, {**COMPLAINT, "text": "Something else"})
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "key_reused"


def test_messages_of_one_thread_share_a_conversation(client: Client, api_inbox: Any, api_token: str) -> None:
    post(client, api_token)
    post(client, api_token, {**COMPLAINT, "text": "还有照片。"}, key="k-2")
    run_pending_jobs()
    assert Conversation.objects.get().messages.count() == 2


def test_a_stranger_who_names_the_thread_gets_a_side_thread(client: Client, api_inbox: Any, api_token: str) -> None:
    post(client, api_token)
    post(client, api_token, {**COMPLAINT, "sender": {"email": "stranger@example.com"}}, key="k-2")
    run_pending_jobs()
    side = Conversation.objects.get(needs_review=True)
    assert side.related_to == Conversation.objects.exclude(pk=side.pk).get()


def test_signed_out_is_refused_in_the_one_shape(client: Client, api_inbox: Any) -> None:
    answer = post(client, "clp_wrong")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"


def test_what_the_api_does_not_have_is_refused_in_the_one_shape(client: Client, db: None, api_token: str) -> None:
    sent = {"Authorization": f"Bearer {api_token}"}
    missing, method = client.get("/api/v1/nowhere", headers=sent), client.delete("/api/v1/messages", headers=sent)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    assert (method.status_code, method.json()["error"]["code"]) == (405, "method_not_allowed")
    assert method["Allow"] == "POST"


def test_a_token_without_the_scope_is_refused(client: Client, api_inbox: Any, lin: Any) -> None:
    token = tokens.issue(lin, name="reader", scopes=["conversations:read"])
    answer = post(client, token)
    assert answer.status_code == 403
    assert answer.json()["error"]["details"] == {"scope": "messages:write"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inbox": "nowhere"}, "inbox_unknown"),
        ({"sender": {"name": "Nobody"}}, "sender_unknown"),
        ({"text": ""}, "invalid_input"),
        ({"channel_kind": "pigeon"}, "invalid_input"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_kept(
    client: Client, api_inbox: Any, api_token: str, change: dict[str, Any], code: str
) -> None:
    answer = post(client, api_token, {**COMPLAINT, **change})
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["code"] == code
    assert not RawMessage.objects.exists()


def test_a_missing_key_is_refused(client: Client, api_inbox: Any, api_token: str) -> None:
    answer = client.post(
        "/api/v1/messages", COMPLAINT, content_type="application/json",
        headers={"Authorization": f"Bearer {api_token}"},
    )  # fmt: skip
    assert answer.status_code == 400


def test_what_cannot_be_read_is_quarantined_and_can_be_replayed(
    client: Client, api_inbox: Any, api_token: str, lin: Any
) -> None:
    from careloop.intake.services.quarantine import replay

    broken = {**COMPLAINT, "files": [{"name": "photo.png", "content": "not base64!"}]}
    post(client, api_token, broken)
    run_pending_jobs()
    raw = RawMessage.objects.get()
    assert (raw.state, raw.reason) == ("quarantined", "The file photo.png is not base64.")
    raw.body = bytes(raw.body or b"").replace(b"not base64!", b"aGVsbG8=")
    raw.save()
    replay(raw, by=lin)
    run_pending_jobs()
    assert Message.objects.get().attachments.get().name == "photo.png"
