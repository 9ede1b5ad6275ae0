"""Whoever left an address reads our words by mail too; an answer by mail joins the thread."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from careloop.channels.email.models import MailSent
from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.conversations.services.posting import post_reply
from careloop.intake.tokens import conversation_id_in
from careloop.portal.mailing import mail_out
from careloop.portal.tests.factories import case_address, hand_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outbox(settings: Any, tmp_path: Path, email_inbox: Inbox, portal_inbox: Inbox) -> Path:
    """A portal beside an e-mail inbox that writes its mails into a folder."""
    settings.CARELOOP_OUTBOX_DIR = tmp_path / "outbox"
    email_inbox.settings = {"smtp": {"host": "outbox", "security": "folder"}, "plus_addressing": True}
    email_inbox.save()
    return tmp_path / "outbox"


def mails(outbox: Path) -> list[EmailMessage]:
    found = sorted(outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_the_first_word_and_a_reply_are_mailed_with_the_link(client: Client, outbox: Path, lin: Any) -> None:
    hand_in(client)
    run_pending_jobs()
    conversation = Conversation.objects.get()
    post_reply(conversation, by=lin, text="您好，退款已经办理。")
    run_pending_jobs()
    first, second = mails(outbox)
    assert first["To"] == "yuqing.wang@example.com"
    assert first["Auto-Submitted"] == "auto-replied" or first["Auto-Submitted"] == "auto-generated"
    assert conversation.reference in first["Subject"]
    assert "您好，退款已经办理。" in body(second)
    assert case_address(conversation) in body(second)


def test_an_answer_to_the_mail_finds_the_thread(client: Client, outbox: Path) -> None:
    hand_in(client)
    run_pending_jobs()
    (mail,) = mails(outbox)
    assert conversation_id_in(str(mail["Reply-To"])) == Conversation.objects.get().pk


def test_nothing_is_mailed_twice(client: Client, outbox: Path) -> None:
    hand_in(client)
    run_pending_jobs()
    assert mail_out(Message.objects.select_related("conversation__inbox").get(kind="automatic")) is False
    assert MailSent.objects.count() == 1


def test_who_left_only_a_number_gets_no_mail_and_no_failure(client: Client, outbox: Path) -> None:
    hand_in(client, email="", phone="13812345678")
    run_pending_jobs()
    assert not outbox.exists()
    assert Message.objects.get(kind="automatic").delivery.state == "sent"


def test_without_a_mail_account_the_page_is_enough(client: Client, portal_inbox: Inbox) -> None:
    hand_in(client)
    run_pending_jobs()
    assert Message.objects.get(kind="automatic").delivery.state == "sent"


def test_a_mail_matter_is_left_to_the_mail_channel(complaint: Conversation, lin: Any, outbox: Path) -> None:
    message = post_reply(complaint, by=lin, text="您好")
    assert mail_out(message) is False
