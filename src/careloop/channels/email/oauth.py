"""Tokens for XOAUTH2: the first ones for a code (RFC 6749 4.1.3), later ones with the refresh token (RFC 6749 6).

An access token is kept until shortly before it ends.
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from careloop.channels.email.accounts import MailAccount
from careloop.channels.email.errors import MailboxUnreachable
from careloop.channels.secrets import keep_secrets, opened

EARLY_SECONDS = 120
TIMEOUT_SECONDS = 20


class TokenRefused(Exception):
    """The token server said no; ``str()`` is its own word for why, such as ``invalid_grant``."""


def access_token(account: MailAccount, *, renew: bool = False) -> str:
    """A token that is good now; ``renew`` when the server refused the one at hand.

    Stores a new token (and a rotated refresh token) encrypted. Raises MailboxUnreachable with a sentence.
    """
    kept = opened(account.inbox)
    if not renew and kept.get("access_token") and float(kept.get("expires_at") or 0) > time.time() + EARLY_SECONDS:
        return kept["access_token"]
    answer = _renewed(account, kept)
    keep_tokens(account, answer)
    return str(answer["access_token"])


def exchange(account: MailAccount, *, code: str, verifier: str, redirect_uri: str) -> None:
    """The tokens of a sign-in that just happened, kept encrypted. ``verifier`` is the one of PKCE (RFC 7636).

    Raises MailboxUnreachable with a sentence; then what was kept before still holds.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
        "client_id": account.oauth.get("client_id", ""),
        "client_secret": client_secret(account),
    }
    try:
        answer = _posted(account.oauth.get("token_url", ""), {name: value for name, value in form.items() if value})
    except TokenRefused as refused:
        raise MailboxUnreachable(f"The provider refused the sign-in ({refused}).") from refused
    if not answer.get("access_token"):
        raise MailboxUnreachable("The provider gave no access token.")
    if not answer.get("refresh_token"):
        raise MailboxUnreachable(
            "The provider gave no refresh token, so the sign-in would end within the hour: allow offline access there."
        )
    keep_tokens(account, answer)


def keep_tokens(account: MailAccount, answer: dict[str, Any]) -> None:
    """Store what the provider gave; a refresh token only when it gave a new one."""
    changed = {
        "access_token": str(answer["access_token"]),
        "expires_at": str(time.time() + float(answer.get("expires_in") or 3600)),
    }
    if answer.get("refresh_token"):
        changed["refresh_token"] = str(answer["refresh_token"])
    keep_secrets(account.inbox, **changed)


def client_secret(account: MailAccount) -> str:
    return opened(account.inbox).get("client_secret", "")


def _renewed(account: MailAccount, kept: dict[str, str]) -> dict[str, Any]:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": kept.get("refresh_token", ""),
        "client_id": account.oauth.get("client_id", ""),
        "client_secret": kept.get("client_secret", ""),
        "scope": account.oauth.get("scope", ""),
    }
    url = account.oauth.get("token_url", "")
    if not form["refresh_token"] or not url.startswith(("https://", "http://")):
        raise MailboxUnreachable("The inbox has no refresh token: connect the account again.")
    try:
        answer = _posted(url, {name: value for name, value in form.items() if value})
    except TokenRefused as refused:
        raise MailboxUnreachable(f"The provider refused to renew the sign-in ({refused}).") from refused
    if not answer.get("access_token"):
        raise MailboxUnreachable("The provider gave no access token.")
    return answer


def _posted(url: str, form: dict[str, str]) -> dict[str, Any]:
    request = Request(url, urlencode(form).encode(), {"Accept": "application/json"})  # noqa: S310 - scheme checked
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
    except HTTPError as error:
        raise TokenRefused(_reason(error)) from error
    except (URLError, OSError, ValueError) as error:
        raise MailboxUnreachable(f"The provider's token server does not answer ({type(error).__name__}).") from error
    return answer


def _reason(error: HTTPError) -> str:
    try:
        return str(json.load(error).get("error", error.code))[:80]
    except (ValueError, AttributeError):
        return str(error.code)
