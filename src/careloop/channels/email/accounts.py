"""The mail account of an inbox, read from its settings and secrets.

``Inbox.settings`` of an e-mail inbox (all keys optional where the provider's preset knows them):

    provider         a name of data/providers.toml, or absent
    username         the sign-in name; the inbox's address when absent
    auth             "password" (an authorisation code is one too) or "xoauth2"
    imap, smtp       {"host": …, "port": …, "security": "ssl" | "starttls" | "none"}; imap also knows
                     "folder": "INBOX" and "skip_existing": true (leave what is there already)
                     (smtp only: "security": "folder" writes mails into the outbox folder instead of sending them)
    oauth            {"authorize_url": …, "token_url": …, "client_id": …, "scope": …}
    display_name     the name customers see
    plus_addressing  whether care+token@… arrives; VERP and reply addresses need it
    acknowledge      false switches acknowledgements off
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from careloop.channels.email.providers import provider
from careloop.channels.secrets import opened
from careloop.conversations.models import Inbox

DEFAULT_PORTS = {
    "imap": {"ssl": 993, "starttls": 143, "none": 143},
    "smtp": {"ssl": 465, "starttls": 587, "none": 25, "folder": 0},
}


@dataclass(frozen=True)
class Server:
    """One mail server; ``security`` is ssl, starttls or none."""

    host: str
    port: int
    security: str
    folder: str = "INBOX"
    skip_existing: bool = False


@dataclass(frozen=True)
class MailAccount:
    """All that is needed to read and send as one inbox. ``imap`` or ``smtp`` is None when not set up."""

    inbox: Inbox
    address: str
    username: str
    password: str
    auth: str
    imap: Server | None
    smtp: Server | None
    oauth: dict[str, str]
    display_name: str
    plus_addressing: bool
    needs_id: bool
    acknowledges: bool

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def plus(self, tag: str) -> str:
        """The address with a tag, where the provider delivers such addresses, else the plain one."""
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{tag}@{domain}" if self.plus_addressing else self.address


def account_of(inbox: Inbox) -> MailAccount:
    """The account of an e-mail inbox. Raises SecretsLost when its secrets cannot be read."""
    preset = provider(str(inbox.settings.get("provider", "")))
    given: dict[str, Any] = {**preset, **inbox.settings}
    return MailAccount(
        inbox=inbox,
        address=inbox.address.lower(),
        username=given.get("username") or inbox.address,
        password=opened(inbox).get("password", ""),
        auth=given.get("auth", "password"),
        imap=_server("imap", preset, inbox.settings),
        smtp=_server("smtp", preset, inbox.settings),
        oauth={**preset.get("oauth", {}), **inbox.settings.get("oauth", {})},
        display_name=given.get("display_name") or inbox.name,
        plus_addressing=bool(given.get("plus_addressing", False)),
        needs_id=bool(given.get("needs_id", False)),
        acknowledges=bool(given.get("acknowledge", True)),
    )


def _server(kind: str, preset: dict[str, Any], own: dict[str, Any]) -> Server | None:
    given = {**preset.get(kind, {}), **(own.get(kind) or {})}
    if not given.get("host"):
        return None
    security = given.get("security", "ssl")
    port = int(given.get("port") or DEFAULT_PORTS[kind][security])
    return Server(given["host"], port, security, given.get("folder", "INBOX"), bool(given.get("skip_existing")))
