"""The SMTP and LMTP doors: another mail server hands mail over to the desk directly (RFC 5321, RFC 2033).

A mail is answered with 250 only after the intake has committed it, so a crash at any moment leaves it with one of the
two. The doors take mail for the addresses of active e-mail inboxes only (with or without a tag after "+"), relay for
nobody, and listen on this machine unless told otherwise: the mail server in front does TLS, spam and DKIM.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error, close_old_connections

from careloop.channels.email.fingerprint import external_id
from careloop.conversations.models import Inbox
from careloop.intake.services.keeping import keep

ACCEPTED = "250 2.0.0 Kept"
UNKNOWN = "550 5.1.1 There is no such inbox here"
LATER = "451 4.3.0 It could not be stored now, try again later"
LONGEST_LINE = 1_000_000

# aiosmtpd logs every command with its addresses; people's addresses are not logged here.
logging.getLogger("mail.log").setLevel(logging.WARNING)

log = structlog.get_logger(__name__)


class Handler:
    """Answers the envelope; the work with the database is done in threads, the event loop only listens."""

    def __init__(self, *, answers_each_recipient: bool, door: str) -> None:
        self._each = answers_each_recipient
        self._door = door

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        known = await _in_thread(inbox_for, address)
        if known is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = bytes(envelope.original_content or b"")
        meta = {"door": self._door, "envelope_from": envelope.mail_from or "", "peer": str(session.peer)[:100]}
        answers = [
            await _in_thread(kept, raw, recipient, {**meta, "envelope_to": [recipient]})
            for recipient in envelope.rcpt_tos
        ]
        if self._each:
            return "\r\n".join(answers)
        return next((answer for answer in answers if answer != ACCEPTED), ACCEPTED)


def inbox_for(address: str) -> Inbox | None:
    """The active e-mail inbox of an envelope address, its tag left out."""
    local, _, domain = address.strip("<> ").lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    return Inbox.objects.filter(kind=Inbox.Kind.EMAIL, is_active=True, address__iexact=plain).first()


def kept(raw: bytes, recipient: str, meta: dict[str, Any]) -> str:
    """Store the mail for one recipient; the answer for the client. Never raises: no answer would mean a double."""
    try:
        inbox = inbox_for(recipient)
        if inbox is None:
            return UNKNOWN
        keep(inbox, external_id(raw), raw, adapter="email", meta=meta)
    except (Error, OSError) as error:
        log.exception("mail not kept", error=type(error).__name__)
        return LATER
    return ACCEPTED


async def _in_thread(function: Any, *arguments: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, partial(_with_own_connection, function, *arguments))


def _with_own_connection(function: Any, *arguments: Any) -> Any:
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()


class _Smtp(SMTP):
    line_length_limit = LONGEST_LINE


class _Lmtp(LMTP):
    line_length_limit = LONGEST_LINE


class MailDoor(Controller):
    """A listening door; ``open`` returns once it listens."""

    def __init__(self, name: str, host: str, port: int) -> None:
        self._is_lmtp = name == "lmtp"
        self._name = name
        handler = Handler(answers_each_recipient=self._is_lmtp, door=name)
        super().__init__(
            handler, hostname=host, port=port, data_size_limit=settings.CARELOOP_LARGEST_MAIL,
            enable_SMTPUTF8=True, ready_timeout=10.0, server_hostname="careloop", ident="Careloop",
        )  # fmt: skip

    def factory(self) -> SMTP:
        made: SMTP = (_Lmtp if self._is_lmtp else _Smtp)(self.handler, **self.SMTP_kwargs)
        return made

    def open(self) -> str:
        self.start()
        return f"{self._name.upper()} on {self.hostname}:{self.port}"

    def close(self, timeout_seconds: float) -> None:
        self.stop(no_assert=True)


def smtp_door() -> MailDoor | None:
    """The SMTP door, when CARELOOP_SMTP_LISTEN names an address and port."""
    return _door("smtp", settings.CARELOOP_SMTP_LISTEN)


def lmtp_door() -> MailDoor | None:
    """The LMTP door, when CARELOOP_LMTP_LISTEN names an address and port."""
    return _door("lmtp", settings.CARELOOP_LMTP_LISTEN)


def _door(name: str, listen: str) -> MailDoor | None:
    host, _, port = listen.rpartition(":")
    return MailDoor(name, host.strip("[]") or "127.0.0.1", int(port)) if listen else None
