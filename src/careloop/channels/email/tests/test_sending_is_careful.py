"""What happens when mail does not go out at once: retries, caps, the breaker, and what the mail itself says."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from django.conf import settings as django_settings
from django.utils import timezone
from tests.servers.ports import free_port
from tests.servers.tokens import TokenServer

from careloop.channels.email import sending
from careloop.channels.email.composing import Answered, Outgoing, composed, references_of, subject_of
from careloop.channels.email.errors import PermanentDeliveryError, RelayUnreachable, TemporaryDeliveryError
from careloop.channels.email.limits import count_mail, forget_old_counts, refuse_over_cap
from careloop.channels.email.models import MailSent, SendingBreaker
from careloop.channels.email.providers import hint, provider_for, providers
from careloop.channels.secrets import SecretsLost, keep_secrets, opened
from careloop.common.errors import Conflict
from careloop.common.jobs import RetryLater
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Delivery, Inbox, Message
from careloop.conversations.services.posting import post_reply
from careloop.intake.tokens import conversation_id_in

pytestmark = pytest.mark.django_db


class Moody:
    """A relay that answers what it is told; SMTP is spoken for real."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.taken: list[bytes] = []
        self.good_tokens: dict[str, str] = {}

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802
        await asyncio.sleep(0)
        proof = base64.b64decode(arguments[1]).decode()
        token = proof.partition("Bearer ")[2].rstrip("\1")
        return AuthResult(success=token in self.good_tokens, handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(0)
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer.startswith("250"):
            self.taken.append(bytes(envelope.original_content or b""))
        return answer


@pytest.fixture
def moody() -> Iterator[Moody]:
    relay = Moody()
    controller = Controller(relay, hostname="127.0.0.1", port=free_port(), auth_require_tls=False)
    controller.start()
    relay.port = controller.port  # type: ignore[attr-defined]
    yield relay
    controller.stop(no_assert=True)


@pytest.fixture
def reply(complaint: Conversation, moody: Moody, lin: object) -> Message:
    inbox = complaint.inbox
    inbox.settings = {"smtp": {"host": "127.0.0.1", "port": moody.port, "security": "none"}}  # type: ignore[attr-defined]
    inbox.save()
    return post_reply(complaint, by=lin, text="退款今天内到账。")  # type: ignore[arg-type]


def _delivery(reply: Message) -> Delivery:
    return Delivery.objects.get(message=reply)


def test_a_passing_refusal_is_tried_again_with_the_same_message_id(reply: Message, moody: Moody) -> None:
    moody.answers = ["451 greylisted"]
    with pytest.raises(TemporaryDeliveryError):
        sending.deliver(reply.pk)
    waiting = _delivery(reply)
    first_id = Message.objects.get(pk=reply.pk).message_id
    assert (waiting.state, "greylisted" in waiting.last_error) == (Delivery.State.PENDING, True)
    assert waiting.next_attempt_at is not None
    assert sending.deliver(reply.pk)
    assert f"<{first_id}>".encode() in moody.taken[0]
    assert (_delivery(reply).state, _delivery(reply).attempts) == (Delivery.State.SENT, 2)
    assert not SendingBreaker.objects.filter(failures__gt=0).exists()


def test_a_lasting_refusal_is_shown_and_can_be_sent_again_by_a_person(
    reply: Message, moody: Moody, lin: object
) -> None:
    moody.answers = ["554 spam"]
    assert sending.deliver(reply.pk) is False
    assert _delivery(reply).state == Delivery.State.FAILED
    failed = Event.objects.get(name="delivery.failed")
    assert (failed.conversation_id, failed.data["error"]) == (reply.conversation_id, "554 spam")
    sending.retry(reply, by=lin)  # type: ignore[arg-type]
    assert sending.deliver(reply.pk)
    with pytest.raises(Conflict):
        sending.retry(reply, by=None)


def test_the_last_attempt_fails_for_good(reply: Message, moody: Moody) -> None:
    Delivery.objects.update(attempts=sending.MOST_ATTEMPTS - 1)
    moody.answers = ["451 still not"]
    assert sending.deliver(reply.pk) is False
    assert _delivery(reply).state == Delivery.State.FAILED


def test_a_worker_that_died_while_sending_is_taken_over(reply: Message, moody: Moody) -> None:
    now = timezone.now()
    Delivery.objects.update(state=Delivery.State.SENDING, claimed_at=now)
    assert sending.deliver(reply.pk) is False
    Delivery.objects.update(claimed_at=now - sending.CLAIM_LASTS - timedelta(seconds=1))
    assert sending.deliver(reply.pk) is True
    assert len(moody.taken) == 1


def test_a_relay_that_is_down_opens_the_breaker_after_five_failures(reply: Message) -> None:
    inbox = reply.conversation.inbox
    inbox.settings["smtp"]["port"] = free_port()
    inbox.save()
    for _ in range(5):
        with pytest.raises(RelayUnreachable):
            sending.deliver(reply.pk)
    with pytest.raises(RetryLater):
        sending.deliver(reply.pk)
    assert _delivery(reply).attempts == 5
    SendingBreaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(RelayUnreachable):
        sending.deliver(reply.pk)
    breaker = SendingBreaker.objects.get()
    assert breaker.open_until is not None
    assert breaker.open_until - timezone.now() > timedelta(seconds=90)


def test_sending_signs_in_by_token_and_renews_a_withdrawn_one(reply: Message, moody: Moody, lin: object) -> None:
    tokens = TokenServer()
    tokens.start()
    moody.good_tokens = tokens.good
    tokens.refresh_tokens["refresh"] = "care@hemu.example"
    inbox = reply.conversation.inbox
    inbox.settings |= {"auth": "xoauth2", "oauth": {"token_url": tokens.token_url, "client_id": "desk"}}
    inbox.save()
    keep_secrets(inbox, refresh_token="refresh")
    assert sending.deliver(reply.pk)
    tokens.withdraw()
    second = post_reply(reply.conversation, by=lin, text="再补充一句。")  # type: ignore[arg-type]
    assert sending.deliver(second.pk)
    assert (len(moody.taken), tokens.given) == (2, 2)
    tokens.withdraw()
    tokens.refresh_tokens.clear()
    third = post_reply(reply.conversation, by=lin, text="还有一句。")  # type: ignore[arg-type]
    with pytest.raises(RelayUnreachable, match="invalid_grant"):
        sending.deliver(third.pk)
    tokens.stop()


def test_a_delivery_whose_job_was_lost_is_found_again(reply: Message) -> None:
    assert sending.unsent_ids() == []
    Message.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert sending.unsent_ids() == [reply.pk]


def test_no_mail_goes_to_an_address_known_to_fail(reply: Message) -> None:
    reply.conversation.customer.identities.update(is_undeliverable=True)
    assert sending.deliver(reply.pk) is False
    assert "undeliverable" in _delivery(reply).last_error


def test_an_inbox_without_a_server_says_so(reply: Message) -> None:
    Inbox.objects.update(settings={})
    assert sending.deliver(reply.pk) is False
    assert "no mail server" in _delivery(reply).last_error


def test_an_inbox_without_an_address_says_so(reply: Message) -> None:
    Inbox.objects.update(address="")
    assert sending.deliver(reply.pk) is False
    assert Delivery.objects.get(message=reply).last_error == "The inbox has no e-mail address to send from."


def test_the_cap_for_an_address_holds_back_a_person_and_refuses_a_machine(db: None) -> None:
    for _ in range(3):
        count_mail("a@x.example", is_automatic=True)
    with pytest.raises(PermanentDeliveryError):
        refuse_over_cap("a@x.example", is_automatic=True)
    refuse_over_cap("a@x.example", is_automatic=False)
    for _ in range(django_settings.CARELOOP_MAILS_PER_ADDRESS):
        count_mail("a@x.example", is_automatic=False)
    with pytest.raises(TemporaryDeliveryError):
        refuse_over_cap("a@x.example", is_automatic=False)
    refuse_over_cap("b@x.example", is_automatic=True)


def test_all_automatic_mail_stops_when_there_is_too_much_of_it(settings: object) -> None:
    settings.CARELOOP_AUTOMATIC_MAILS_PER_HOUR = 5  # type: ignore[attr-defined]
    for number in range(5):
        count_mail(f"{number}@x.example", is_automatic=True)
    with pytest.raises(PermanentDeliveryError):
        refuse_over_cap("new@x.example", is_automatic=True)
    MailSent.objects.update(at=timezone.now() - timedelta(days=3))
    refuse_over_cap("new@x.example", is_automatic=True)
    assert forget_old_counts() == 5


def test_a_password_is_unreadable_in_the_database_and_lost_with_the_key(email_inbox: Inbox, settings: object) -> None:
    keep_secrets(email_inbox, password="授权码 abcd")
    stored = Inbox.objects.get(pk=email_inbox.pk)
    assert "abcd" not in stored.secrets
    assert opened(stored) == {"password": "授权码 abcd"}
    settings.SECRET_KEY = "another key, longer than nothing"  # type: ignore[attr-defined]
    with pytest.raises(SecretsLost):
        opened(stored)


def test_every_provider_has_servers_and_a_hint_in_both_languages() -> None:
    for name, preset in providers().items():
        assert preset["imap"]["host"], name
        assert preset["smtp"]["host"], name
        assert hint(name, "zh-hans") != hint(name, "en") != ""
    assert (provider_for("care@163.com"), provider_for("x@QQ.com"), provider_for("x@y.example")) == ("163", "qq", "")


def _outgoing(**changed: object) -> Outgoing:
    given: dict[str, object] = {
        "sender_name": "禾木, 客服", "sender": "care@hemu.example", "recipient": "w@example.com",
        "reply_to": "care+t@hemu.example", "envelope_from": "care+t@hemu.example", "message_id": "m@hemu.example",
        "subject": "退款\r\nBcc: evil@x.example", "reference": "CL-1042", "text": "您好 <b>\n\n第二段", "html": "",
        "language": "zh", "sent_at": timezone.now(),
    }  # fmt: skip
    return Outgoing(**(given | changed))  # type: ignore[arg-type]


def test_a_composed_mail_reads_back_as_it_was_meant() -> None:
    mail = message_from_bytes(composed(_outgoing(is_automatic=True)).as_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert str(mail["From"].addresses[0].display_name) == "禾木, 客服"
    html = mail.get_body(("html",))
    assert html is not None
    assert "您好 &lt;b&gt;</p><p>第二段" in html.get_content()


def test_references_grow_by_the_parent_and_stay_bounded() -> None:
    parent = Answered("p@x", [f"{n}@x" for n in range(40)], "39@x", "", "", timezone.now())
    chain = references_of(parent)
    assert (chain[0], chain[-1], len(chain)) == ("0@x", "p@x", 20)
    only_reply = Answered("p@x", [], "root@x", "", "", timezone.now())
    assert references_of(only_reply) == ["root@x", "p@x"]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("退款", "Re: 退款 [CL-1042]"),
        ("Re: 退款 [CL-1042]", "Re: 退款 [CL-1042]"),
        ("回复：退款", "回复：退款 [CL-1042]"),
        ("", "Re: CL-1042 [CL-1042]"),
    ],
)
def test_the_subject_carries_the_number_once(subject: str, expected: str) -> None:
    answered = Answered("p@x", [], "", "", "", timezone.now())
    assert subject_of(_outgoing(subject=subject, answered=answered)) == expected


def test_the_outbox_folder_takes_mail_where_there_is_no_server(
    reply: Message, settings: object, tmp_path: Path
) -> None:
    settings.CARELOOP_OUTBOX_DIR = tmp_path / "outbox"  # type: ignore[attr-defined]
    Inbox.objects.update(settings={"smtp": {"host": "outbox", "security": "folder"}})
    assert sending.deliver(reply.pk)
    (file,) = (tmp_path / "outbox").glob("*.eml")
    assert conversation_id_in(file.name) == reply.conversation_id
