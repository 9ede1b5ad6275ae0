"""Answering and noting (missions 72, 95)."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from careloop.accounts.models import User
from careloop.common.models.event import Event
from careloop.conversations.models import Conversation, Delivery, Message
from careloop.conversations.services.posting import post_reply
from careloop.quality.engine import Level
from careloop.replies.loading import load_shipped_replies
from careloop.replies.models import Draft
from careloop.replies.services.sending import check
from careloop.workspace.tests.conftest import HTMX

KIND_WORDS = "王女士您好，让您久等了，我理解您的着急，非常抱歉。我已联系财务核实，今天给您答复。"
BLOCKED = "您先撤销投诉，我们才能给您退款。"


def post(client: Client, conversation: Conversation, what: str = "messages", **data: object):  # type: ignore[no-untyped-def]
    return client.post(f"/conversations/{conversation.number}/{what}/", data, headers=HTMX)


def test_an_answer_is_posted_and_its_delivery_begins(as_lin: Client, lin: User, complaint: Conversation) -> None:
    answer = post(as_lin, complaint, kind="reply", text=KIND_WORDS, then="waiting")
    message = Message.objects.get(kind=Message.Kind.REPLY)
    complaint.refresh_from_db()
    assert (message.text, message.author, complaint.state) == (KIND_WORDS, lin, "waiting")
    assert Delivery.objects.get().message == message
    assert KIND_WORDS in answer.content.decode()
    assert "toast" in json.loads(answer["HX-Trigger-After-Settle"])


def test_without_script_it_is_a_plain_form(as_lin: Client, complaint: Conversation) -> None:
    address = f"/conversations/{complaint.number}/messages/"
    answer = as_lin.post(address, {"kind": "reply", "text": KIND_WORDS}, follow=True)
    assert answer.redirect_chain == [(f"/conversations/{complaint.number}/", 302)]
    refused = as_lin.post(address, {"kind": "reply", "text": ""})
    assert refused.status_code == 422
    assert "<html" in refused.content.decode()


def test_then_resolve_opens_the_question(as_lin: Client, complaint: Conversation) -> None:
    answer = post(as_lin, complaint, kind="reply", text=KIND_WORDS, then="resolve")
    opened = json.loads(answer["HX-Trigger-After-Settle"])["open-dialog"]
    assert opened["url"] == f"/conversations/{complaint.number}/resolution/"


def test_a_note_stays_among_colleagues_and_changes_no_state(as_lin: Client, complaint: Conversation) -> None:
    post(as_lin, complaint, kind="note", text="财务说明天到账")
    note = Message.objects.get(kind=Message.Kind.NOTE)
    complaint.refresh_from_db()
    assert not note.is_public
    assert complaint.is_waiting
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_an_empty_text_comes_back_with_the_reason(as_lin: Client, complaint: Conversation, kind: str) -> None:
    answer = post(as_lin, complaint, kind=kind, text="  ")
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#composer")
    assert Message.objects.count() == 1


def test_a_blocked_answer_comes_back_whole_and_asks_why(as_lin: Client, complaint: Conversation) -> None:
    assert any(each.level is Level.BLOCK for each in check(complaint, BLOCKED))
    answer = post(as_lin, complaint, kind="reply", text=BLOCKED)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert BLOCKED in html
    assert 'name="override_reason"' in html
    sent = post(as_lin, complaint, kind="reply", text=BLOCKED, override_reason="引用客户自己的话")
    assert sent.status_code == 200
    assert Event.objects.get(name="reply.check_overridden").data["reason"] == "引用客户自己的话"


def test_a_colleagues_answer_meanwhile_comes_into_view_first(
    as_lin: Client, chen: User, complaint: Conversation
) -> None:
    seen = complaint.messages.get().pk
    post_reply(complaint, by=chen, text="您好，已经办理。")
    answer = post(as_lin, complaint, kind="reply", text=KIND_WORDS, seen=seen)
    assert answer.status_code == 422
    assert Message.objects.filter(kind=Message.Kind.REPLY).count() == 1


def test_files_go_along_and_one_too_large_is_refused(as_lin: Client, complaint: Conversation, settings: object) -> None:
    small = SimpleUploadedFile("回单.txt", "一".encode(), "text/plain")
    post(as_lin, complaint, kind="reply", text=KIND_WORDS, files=[small])
    assert Message.objects.get(kind=Message.Kind.REPLY).attachments.get().name == "回单.txt"
    settings.CARELOOP_LARGEST_UPLOAD = 3  # type: ignore[attr-defined]
    refused = post(as_lin, complaint, kind="reply", text=KIND_WORDS, files=[SimpleUploadedFile("x", b"12345")])
    assert refused.status_code == 422


def test_the_checks_speak_while_one_writes_and_not_of_notes(as_lin: Client, complaint: Conversation) -> None:
    said = post(as_lin, complaint, "checks", text="这不归我们管，您找快递公司吧。", kind="reply").content.decode()
    assert 'class="check' in said
    assert "data-better=" in said
    assert post(as_lin, complaint, "checks", text="这不归我们管", kind="note").content == b""


def test_a_draft_is_there_again_and_ends_with_the_answer(as_lin: Client, complaint: Conversation) -> None:
    post(as_lin, complaint, "draft", text="您好，我正在", kind="reply")
    assert "您好，我正在</textarea>" in as_lin.get(f"/conversations/{complaint.number}/").content.decode()
    post(as_lin, complaint, kind="reply", text=KIND_WORDS)
    assert not Draft.objects.exists()


def test_saved_replies_come_filled_in_for_the_customer(as_lin: Client, complaint: Conversation) -> None:
    load_shipped_replies()
    found = as_lin.get(f"/conversations/{complaint.number}/saved-replies/?saved_query=物流", headers=HTMX)
    html = found.content.decode()
    assert "王雨晴，您好" in html
    assert "/parcel-late" in html
