"""One signed-in connection to an IMAP mailbox: the few commands that polling needs, with sentences for errors."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from careloop import __version__
from careloop.channels.email.accounts import MailAccount, Server
from careloop.channels.email.errors import MailboxUnreachable
from careloop.channels.email.oauth import access_token

TIMEOUT_SECONDS = 30
_NETWORK_ERRORS = (OSError, imaplib.IMAP4.error, ImapToolsError, EOFError)


class Mailbox:
    """A folder opened for reading only; nothing in the mailbox changes, not even the unread flags."""

    def __init__(self, box: BaseMailBox, folder: str) -> None:
        self._client = box.client
        status, _ = self._client.select(f'"{folder}"', readonly=True)
        if status != "OK":
            raise MailboxUnreachable(f"The mailbox has no folder {folder}.")
        self.uid_validity = self._number("UIDVALIDITY")

    def uids_after(self, last: int) -> list[int]:
        """UIDs above ``last`` in order. ``n:*`` always names the newest mail, so it is filtered out again."""
        status, answer = self._client.uid("SEARCH", f"UID {last + 1}:*")
        if status != "OK":
            raise MailboxUnreachable("The mail server would not list the mails.")
        found = {int(each) for line in answer if line for each in line.split()}
        return sorted(uid for uid in found if uid > last)

    def size(self, uid: int) -> int:
        """Bytes of one mail; 0 when the server does not tell."""
        _, answer = self._client.uid("FETCH", str(uid), "(RFC822.SIZE)")
        match = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(each for each in answer if isinstance(each, bytes)))
        return int(match.group(1)) if match else 0

    def raw(self, uid: int, *, header_only: bool = False) -> bytes | None:
        """The bytes of one mail without marking it read; None when it is gone or the server refuses."""
        part = "BODY.PEEK[HEADER]" if header_only else "BODY.PEEK[]"
        status, answer = self._client.uid("FETCH", str(uid), f"({part})")
        bodies = [each[1] for each in answer if isinstance(each, tuple) and len(each) > 1]
        return bytes(bodies[0]) if status == "OK" and bodies else None

    def _number(self, name: str) -> int:
        _, answer = self._client.response(name)
        return int(answer[0]) if answer and answer[0] else 0


@contextmanager
def opened_mailbox(account: MailAccount) -> Iterator[Mailbox]:
    """Connect, sign in and open the folder. Raises MailboxUnreachable, also when the connection breaks inside."""
    if account.imap is None:
        raise MailboxUnreachable("The inbox has no IMAP server.")
    box = None
    try:
        box = _connected(account.imap)
        _signed_in(box, account)
        yield Mailbox(box, account.imap.folder)
    except _NETWORK_ERRORS as error:
        raise MailboxUnreachable(_sentence(account.imap, error)) from error
    finally:
        if box is not None:
            with suppress(*_NETWORK_ERRORS):
                box.client.logout()


def _connected(server: Server) -> BaseMailBox:
    if server.security == "ssl":
        return MailBox(server.host, server.port, TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())
    if server.security == "starttls":
        return MailBoxStartTls(server.host, server.port, TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(server.host, server.port, TIMEOUT_SECONDS)


def _signed_in(box: BaseMailBox, account: MailAccount) -> None:
    if account.auth == "xoauth2":
        _by_token(box, account)
    else:
        box.login(account.username, account.password, initial_folder=None)
    if account.needs_id:
        # NetEase answers "Unsafe Login" to SELECT from clients that did not say who they are (RFC 2971).
        box.client.xatom("ID", f'("name" "Careloop" "version" "{__version__}" "vendor" "Careloop")')


def _by_token(box: BaseMailBox, account: MailAccount) -> None:
    """A token can be withdrawn before its time; one renewal is tried before giving up."""
    try:
        box.xoauth2(account.username, access_token(account), initial_folder=None)
    except (imaplib.IMAP4.error, ImapToolsError):
        box.xoauth2(account.username, access_token(account, renew=True), initial_folder=None)


def _sentence(server: Server, error: BaseException) -> str:
    if isinstance(error, (imaplib.IMAP4.error, ImapToolsError)) and not isinstance(error, imaplib.IMAP4.abort):
        return f"{server.host} refused: {_flat(error)}"
    return f"{server.host}:{server.port} cannot be reached ({type(error).__name__}: {_flat(error)})."


def _flat(error: BaseException) -> str:
    answer = getattr(error, "command_result", None)
    lines = (
        [each.decode("utf-8", "replace") for each in answer[1] if isinstance(each, bytes)] if answer else [str(error)]
    )
    return " ".join(re.sub(r"[\x00-\x1f]+", " ", " ".join(lines)).split())[:200]
