"""The whole way over Dovecot (IMAP, LMTP, OAuth2) and Postfix: nothing here is a stand-in."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix, running_postfix

from careloop.channels.email import polling, sending
from careloop.channels.email.door import MailDoor
from careloop.channels.email.errors import MailboxUnreachable
from careloop.channels.email.models import MailboxCursor
from careloop.channels.email.tests.mails import customer_mail
from careloop.channels.secrets import keep_secrets, opened
from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Conversation, Delivery, Inbox, Message
from careloop.conversations.services.posting import File, post_reply
from careloop.files import services as files
from careloop.intake.models import RawMessage
from careloop.intake.tokens import conversation_id_in

pytestmark = [pytest.mark.mailserver, pytest.mark.django_db(transaction=True)]
DESK = "care@hemu.example"
CUSTOMER = "yuqing.wang@example.com"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture
def mailbox(dovecot: Dovecot, email_inbox: Inbox, request: pytest.FixtureRequest) -> Inbox:
    """The inbox with a fresh mailbox of its own, signed in by password."""
    email_inbox.address = f"care{abs(hash(request.node.name)) % 10**9}@hemu.example"
    email_inbox.settings = {"imap": {"host": "127.0.0.1", "port": dovecot.imap_port, "security": "none"}}
    email_inbox.save()
    keep_secrets(email_inbox, password=PASSWORD)
    return email_inbox


def _texts() -> list[str]:
    return list(Message.objects.filter(kind=Message.Kind.CUSTOMER).order_by("id").values_list("text", flat=True))


def _deliver(dovecot: Dovecot, inbox: Inbox, text: str, **fields: str) -> None:
    raw = customer_mail(text=text, message_id=f"<{abs(hash(text))}@example.com>", **fields)
    dovecot.deliver(raw, recipient=inbox.address)


def test_new_mail_is_read_once_and_only_new_mail_next_time(dovecot: Dovecot, mailbox: Inbox) -> None:
    _deliver(dovecot, mailbox, "first")
    _deliver(dovecot, mailbox, "second")
    assert polling.poll(mailbox) == 2
    assert polling.poll(mailbox) == 0
    _deliver(dovecot, mailbox, "third")
    assert polling.poll(mailbox) == 1
    run_pending_jobs()
    assert _texts() == ["first", "second", "third"]
    cursor = MailboxCursor.objects.get()
    assert (cursor.last_uid, cursor.failures, cursor.busy_until) == (3, 0, None)


def test_a_mail_somebody_has_read_already_is_read_all_the_same(dovecot: Dovecot, mailbox: Inbox) -> None:
    _deliver(dovecot, mailbox, "seen")
    _flag_all_seen(dovecot, mailbox)
    assert polling.poll(mailbox) == 1


def _flag_all_seen(dovecot: Dovecot, inbox: Inbox) -> None:
    from imap_tools import MailBoxUnencrypted

    with MailBoxUnencrypted("127.0.0.1", dovecot.imap_port).login(inbox.address, PASSWORD) as box:
        box.flag(box.uids(), "\\Seen", True)


def test_a_renumbered_mailbox_brings_no_doubles(dovecot: Dovecot, mailbox: Inbox) -> None:
    _deliver(dovecot, mailbox, "once")
    polling.poll(mailbox)
    before = MailboxCursor.objects.get().uid_validity
    time.sleep(1.1)  # UIDVALIDITY is made of the seconds of the clock.
    dovecot.renumber(mailbox.address)
    _deliver(dovecot, mailbox, "again")
    assert polling.poll(mailbox) == 2
    run_pending_jobs()
    assert MailboxCursor.objects.get().uid_validity != before
    assert sorted(_texts()) == ["again", "once"]


def test_a_crash_after_keeping_brings_no_double(dovecot: Dovecot, mailbox: Inbox) -> None:
    _deliver(dovecot, mailbox, "kept")
    polling.poll(mailbox)
    MailboxCursor.objects.update(last_uid=0)
    polling.poll(mailbox)
    run_pending_jobs()
    assert _texts() == ["kept"]


def test_a_broken_mail_and_a_huge_one_do_not_hold_up_the_next(
    dovecot: Dovecot, mailbox: Inbox, settings: object
) -> None:
    settings.CARELOOP_LARGEST_MAIL = 20_000  # type: ignore[attr-defined]
    dovecot.deliver(b"Subject: no sender\r\n\r\n\xff\xfe", recipient=mailbox.address, sender="")
    _deliver(dovecot, mailbox, "x" * 30_000)
    _deliver(dovecot, mailbox, "after")
    assert polling.poll(mailbox) == 3
    run_pending_jobs()
    assert _texts() == ["after"]
    reasons = RawMessage.objects.filter(state="quarantined").order_by("id").values_list("reason", flat=True)
    assert ["no sender" in reasons[0], "too large" in reasons[1]] == [True, True]


def test_a_mailbox_full_of_old_mail_can_be_passed_over(dovecot: Dovecot, mailbox: Inbox) -> None:
    mailbox.settings["imap"]["skip_existing"] = True
    mailbox.save()
    _deliver(dovecot, mailbox, "old")
    assert polling.poll(mailbox) == 0
    _deliver(dovecot, mailbox, "new")
    assert polling.poll(mailbox) == 1


def test_a_wrong_password_is_noted_in_words_and_the_next_poll_may_start(dovecot: Dovecot, mailbox: Inbox) -> None:
    keep_secrets(mailbox, password="wrong")
    with pytest.raises(MailboxUnreachable, match="refused"):
        polling.poll(mailbox)
    cursor = MailboxCursor.objects.get()
    assert (cursor.failures, cursor.busy_until) == (1, None)
    assert "AUTHENTICATIONFAILED" in cursor.last_error


def test_an_oauth_token_is_fetched_kept_encrypted_and_renewed_when_withdrawn(dovecot: Dovecot, mailbox: Inbox) -> None:
    dovecot.tokens.refresh_tokens["refresh-1"] = mailbox.address
    mailbox.settings |= {"auth": "xoauth2", "oauth": {"token_url": dovecot.tokens.token_url, "client_id": "desk"}}
    mailbox.save()
    keep_secrets(mailbox, password="", refresh_token="refresh-1", client_secret="hush")
    given = dovecot.tokens.given
    _deliver(dovecot, mailbox, "one")
    assert polling.poll(mailbox) == 1
    assert polling.poll(mailbox) == 0
    assert dovecot.tokens.given == given + 1
    dovecot.tokens.withdraw()
    _deliver(dovecot, mailbox, "two")
    assert polling.poll(mailbox) == 1
    assert dovecot.tokens.given == given + 2
    stored = Inbox.objects.get(pk=mailbox.pk)
    assert "token" not in stored.secrets
    assert opened(stored)["access_token"].endswith(mailbox.address)


def test_a_server_that_wants_to_know_the_client_is_told(dovecot: Dovecot, mailbox: Inbox) -> None:
    mailbox.settings["needs_id"] = True
    mailbox.save()
    _deliver(dovecot, mailbox, "as NetEase asks for")
    assert polling.poll(mailbox) == 1


def test_a_refused_refresh_token_says_so(dovecot: Dovecot, mailbox: Inbox) -> None:
    mailbox.settings |= {"auth": "xoauth2", "oauth": {"token_url": dovecot.tokens.token_url}}
    mailbox.save()
    keep_secrets(mailbox, refresh_token="unknown")
    with pytest.raises(MailboxUnreachable, match="invalid_grant"):
        polling.poll(mailbox)


@pytest.fixture
def door(email_inbox: Inbox) -> Iterator[MailDoor]:
    opened_door = MailDoor("lmtp", "127.0.0.1", free_port())
    opened_door.open()
    yield opened_door
    opened_door.close(5)


@pytest.fixture
def relay(dovecot: Dovecot, door: MailDoor) -> Iterator[Postfix]:
    routes = {"example.com": dovecot.lmtp_port, "hemu.example": door.port, "nowhere.example": door.port}
    with running_postfix(routes) as server:
        yield server


@pytest.fixture
def desk(email_inbox: Inbox, relay: Postfix) -> Inbox:
    """The inbox sending through the relay; answers come back through the relay to the LMTP door."""
    email_inbox.settings = {
        "smtp": {"host": "127.0.0.1", "port": relay.port, "security": "none"},
        "plus_addressing": True,
        "display_name": "禾木客服",
    }
    email_inbox.save()
    return email_inbox


def _mailbox_of_customer(dovecot: Dovecot, count: int) -> list[EmailMessage]:
    """The customer's mails once there are ``count`` new ones; they are taken out of the mailbox."""
    folder = dovecot.folder / "mail" / CUSTOMER.partition("@")[0]
    end = time.monotonic() + 15
    while time.monotonic() < end:
        found = sorted((*folder.glob("new/*"), *folder.glob("cur/*")))
        if len(found) >= count:
            mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]
            for path in found:
                path.unlink()
            return mails
        time.sleep(0.1)
    raise AssertionError(f"the customer has {len(found)} mails, not {count}: {dovecot.log()[-2000:]}")


def _send_through(relay: Postfix, raw: bytes, sender: str = CUSTOMER, recipient: str = DESK) -> None:
    with smtplib.SMTP("127.0.0.1", relay.port) as smtp:
        smtp.sendmail(sender, [recipient], raw)


def _wait_for_raw(count: int, relay: Postfix) -> None:
    end = time.monotonic() + 15
    while RawMessage.objects.count() < count:
        assert time.monotonic() < end, relay.log()[-3000:]
        time.sleep(0.1)


def test_a_complaint_is_acknowledged_answered_and_answered_back_in_one_thread(
    dovecot: Dovecot, desk: Inbox, relay: Postfix, lin: object
) -> None:
    _send_through(relay, customer_mail())
    _wait_for_raw(1, relay)
    run_pending_jobs()
    conversation = Conversation.objects.get()
    (acknowledgement,) = _mailbox_of_customer(dovecot, 1)
    assert acknowledgement["Auto-Submitted"] == "auto-replied"
    assert acknowledgement["In-Reply-To"] == "<one@example.com>"
    assert conversation.reference in acknowledgement.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    photo = File(files.store(b"%PDF-1.4 receipt", "application/pdf"), "退款凭证.pdf")
    reply = post_reply(conversation, by=lin, text="非常抱歉，退款今天内到账。", files=[photo])  # type: ignore[arg-type]
    run_pending_jobs()
    (mail,) = _mailbox_of_customer(dovecot, 1)
    _is_a_proper_reply(mail, conversation, reply)

    answer = customer_mail(
        to=str(mail["Reply-To"]), subject=str(mail["Subject"]), text="收到了，谢谢！", message_id="<two@example.com>",
        in_reply_to=str(mail["Message-ID"]), references=f"{mail['References']} {mail['Message-ID']}",
    )  # fmt: skip
    _send_through(relay, answer, recipient=mail["Reply-To"].addresses[0].addr_spec)
    _wait_for_raw(2, relay)
    run_pending_jobs()
    assert Conversation.objects.count() == 1
    assert _texts()[-1] == "收到了，谢谢！"
    assert not _more_mail(dovecot)


def _is_a_proper_reply(mail: EmailMessage, conversation: Conversation, reply: Message) -> None:
    assert mail["In-Reply-To"] == "<one@example.com>"
    assert mail["References"] == "<one@example.com>"
    assert mail["Auto-Submitted"] is None
    assert str(mail["From"]) == "禾木客服 <care@hemu.example>"
    assert conversation_id_in(str(mail["Message-ID"])) == conversation.pk
    assert conversation_id_in(str(mail["Reply-To"])) == conversation.pk
    assert conversation_id_in(str(mail["Return-Path"])) == conversation.pk
    assert str(mail["Subject"]) == f"Re: 退款还没到 [{conversation.reference}]"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.startswith("非常抱歉，退款今天内到账。")
    assert "> 退款 12 天还没有到账，请处理。" in text
    assert "非常抱歉" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert [each.get_filename() for each in mail.iter_attachments()] == ["退款凭证.pdf"]
    delivery = Delivery.objects.get(message=reply)
    assert (delivery.state, delivery.attempts) == (Delivery.State.SENT, 1)


def _more_mail(dovecot: Dovecot) -> bool:
    time.sleep(0.5)
    return any((dovecot.folder / "mail" / CUSTOMER.partition("@")[0] / "new").glob("*"))


def test_sending_twice_sends_once(dovecot: Dovecot, desk: Inbox, complaint: Conversation, lin: object) -> None:
    reply = post_reply(complaint, by=lin, text="已加急。")  # type: ignore[arg-type]
    assert sending.deliver(reply.pk) is True
    assert sending.deliver(reply.pk) is False
    run_pending_jobs()
    assert len(_mailbox_of_customer(dovecot, 1)) == 1
    assert not _more_mail(dovecot)


def test_a_refusal_of_the_relay_is_shown_in_the_thread_and_not_repeated(
    desk: Inbox, complaint: Conversation, lin: object
) -> None:
    complaint.customer.identities.update(value="nobody@unknown.example")
    reply = post_reply(complaint, by=lin, text="已加急。")  # type: ignore[arg-type]
    run_pending_jobs()
    delivery = Delivery.objects.get(message=reply)
    assert (delivery.state, delivery.attempts) == (Delivery.State.FAILED, 1)
    assert "knows no such domain" in delivery.last_error


def test_a_mail_the_relay_cannot_bring_home_comes_back_and_is_shown(
    desk: Inbox, relay: Postfix, complaint: Conversation, lin: object
) -> None:
    complaint.customer.identities.update(value="nobody@nowhere.example")
    reply = post_reply(complaint, by=lin, text="已加急。")  # type: ignore[arg-type]
    assert sending.deliver(reply.pk) is True
    _wait_for_raw(1, relay)
    run_pending_jobs()
    assert RawMessage.objects.get().state == RawMessage.State.BOUNCE
    delivery = Delivery.objects.get(message=reply)
    assert delivery.state == Delivery.State.FAILED
    assert "It came back from nobody@nowhere.example" in delivery.last_error
    assert complaint.customer.identities.get().is_undeliverable
