"""SMTP and LMTP: 250 only for what is committed, each recipient by itself, nothing for strangers."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from tests.servers.ports import free_port

from careloop.channels.email import door as doors
from careloop.channels.email.door import MailDoor
from careloop.channels.email.tests.mails import customer_mail
from careloop.conversations.models import Inbox
from careloop.intake.models import RawMessage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["smtp", "lmtp"])
def client(request: pytest.FixtureRequest, email_inbox: Inbox, settings: object) -> Iterator[smtplib.SMTP]:
    settings.CARELOOP_LARGEST_MAIL = 100_000  # type: ignore[attr-defined]
    door = MailDoor(request.param, "127.0.0.1", free_port())
    said = door.open()
    assert said == f"{request.param.upper()} on 127.0.0.1:{door.port}"
    kind = smtplib.LMTP if request.param == "lmtp" else smtplib.SMTP
    with kind("127.0.0.1", door.port) as connection:
        yield connection
    door.close(5)


def _send(client: smtplib.SMTP, raw: bytes, *recipients: str) -> None:
    client.sendmail("yuqing.wang@example.com", list(recipients), raw)


def test_an_accepted_mail_is_in_the_database_with_its_envelope(client: smtplib.SMTP) -> None:
    raw = customer_mail()
    _send(client, raw, "care+some-tag@hemu.example")
    row = RawMessage.objects.get()
    assert bytes(row.body or b"") == raw
    assert row.meta["envelope_to"] == ["care+some-tag@hemu.example"]
    assert row.meta["envelope_from"] == "yuqing.wang@example.com"


def test_the_same_mail_delivered_again_is_accepted_and_kept_once(client: smtplib.SMTP) -> None:
    _send(client, customer_mail(), "care@hemu.example")
    _send(client, customer_mail(), "care@hemu.example")
    assert RawMessage.objects.count() == 1


def test_an_unknown_address_is_refused_and_a_known_one_beside_it_taken(client: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        _send(client, customer_mail(), "who@elsewhere.example")
    assert refused.value.recipients["who@elsewhere.example"][0] == 550
    _send(client, customer_mail(), "who@elsewhere.example", "care@hemu.example")
    assert RawMessage.objects.count() == 1


def test_too_large_a_mail_is_refused_and_the_connection_goes_on(client: smtplib.SMTP) -> None:
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
        _send(client, customer_mail(text="x\n" * 120_000), "care@hemu.example")
    _send(client, customer_mail(), "care@hemu.example")
    assert RawMessage.objects.count() == 1


def test_long_lines_and_raw_bytes_are_taken(client: smtplib.SMTP) -> None:
    _send(client, b"From: a@b.example\r\nSubject: x\r\n\r\n" + "长".encode() * 9_000, "care@hemu.example")
    assert RawMessage.objects.count() == 1


def test_without_a_commit_there_is_no_250(client: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(doors, "keep", full)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        _send(client, customer_mail(), "care@hemu.example")
    assert refused.value.smtp_code == 451


def test_doors_stay_shut_unless_configured(settings: object) -> None:
    assert (doors.smtp_door(), doors.lmtp_door()) == (None, None)
    settings.CARELOOP_SMTP_LISTEN = "127.0.0.1:2525"  # type: ignore[attr-defined]
    opened = doors.smtp_door()
    assert opened is not None
    assert (opened.hostname, opened.port) == ("127.0.0.1", 2525)
