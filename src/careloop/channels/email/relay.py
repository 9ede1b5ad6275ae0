"""Hands one mail to the inbox's SMTP server and tells lasting failure from passing (RFC 5321 4.2.1)."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from careloop.channels.email.accounts import MailAccount, Server
from careloop.channels.email.errors import (
    MailboxUnreachable,
    PermanentDeliveryError,
    RelayUnreachable,
    TemporaryDeliveryError,
)
from careloop.channels.email.oauth import access_token

TIMEOUT_SECONDS = 30


def hand_over(account: MailAccount, mail: EmailMessage, *, envelope_from: str, recipient: str) -> str:
    """Send ``mail``; returns the server's answer. Raises TemporaryDeliveryError or PermanentDeliveryError."""
    if account.smtp is None:
        raise PermanentDeliveryError("The inbox has no mail server to send through.")
    if account.smtp.security == "folder":
        return _written(mail)
    with _sentences(account.smtp), _connected(account.smtp) as server:
        _sign_in(server, account)
        server.ehlo_or_helo_if_needed()
        return _transaction(server, mail, envelope_from, recipient)


def _written(mail: EmailMessage) -> str:
    """Put the mail into the outbox folder of the data folder: for demonstrations and development."""
    folder = Path(settings.CARELOOP_OUTBOX_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^0-9A-Za-z.@-]+", "", str(mail["Message-ID"]))[:150]
    (folder / f"{name}.eml").write_bytes(mail.as_bytes())
    return f"written to {folder.name}/{name}.eml"


def _transaction(server: smtplib.SMTP, mail: EmailMessage, envelope_from: str, recipient: str) -> str:
    options = ["BODY=8BITMIME"] if server.has_extn("8bitmime") else []
    if not recipient.isascii():
        if not server.has_extn("smtputf8"):
            raise PermanentDeliveryError("The mail server cannot send to an address with such characters.")
        options.append("SMTPUTF8")
    for code, answer in (server.mail(envelope_from, options), server.rcpt(recipient)):
        if code >= 400:
            raise _failure(code, answer)
    code, answer = server.data(mail.as_bytes())
    if code >= 400:
        raise _failure(code, answer)
    return answer.decode("utf-8", "replace")[:255]


def _failure(code: int, answer: bytes) -> Exception:
    sentence = f"{code} {answer.decode('utf-8', 'replace')}"[:400]
    return PermanentDeliveryError(sentence) if code >= 500 else TemporaryDeliveryError(sentence)


def _connection(server: Server) -> smtplib.SMTP:
    if server.security == "ssl":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    connection = _connection(server)
    try:
        if server.security == "starttls":
            connection.starttls(context=ssl.create_default_context())
        yield connection
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()


def _sign_in(server: smtplib.SMTP, account: MailAccount) -> None:
    """By password or token when there is one; a relay on the own machine may need neither."""
    if account.auth == "xoauth2":
        code, answer = _by_token(server, account, access_token(account))
        if code == 334 or code >= 500:
            code, answer = _by_token(server, account, access_token(account, renew=True))
        if code != 235:
            raise RelayUnreachable(f"The mail server refused the sign-in: {answer.decode('utf-8', 'replace')[:200]}")
    elif account.password and _offers_sign_in(server):
        server.login(account.username, account.password)


def _offers_sign_in(server: smtplib.SMTP) -> bool:
    """A relay on the own network may take mail without; the mailbox's password is then not for it."""
    server.ehlo_or_helo_if_needed()
    return server.has_extn("auth")


def _by_token(server: smtplib.SMTP, account: MailAccount, token: str) -> tuple[int, bytes]:
    server.ehlo_or_helo_if_needed()
    proof = base64.b64encode(f"user={account.username}\1auth=Bearer {token}\1\1".encode()).decode()
    code, answer = server.docmd("AUTH", f"XOAUTH2 {proof}")
    return server.docmd("") if code == 334 else (code, answer)


@contextmanager
def _sentences(server: Server) -> Iterator[None]:
    """Whatever breaks between here and the relay can be tried again; a wrong password is worth trying later too."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise RelayUnreachable(f"{server.host} refused the sign-in ({error.smtp_code}).") from error
    except MailboxUnreachable as error:
        raise RelayUnreachable(str(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise RelayUnreachable(f"{server.host}:{server.port} cannot be reached ({type(error).__name__}).") from error
