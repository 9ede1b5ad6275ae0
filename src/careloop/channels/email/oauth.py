"""Access tokens for XOAUTH2: kept until shortly before they end, then renewed with the refresh token (RFC 6749 6)."""

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


def access_token(account: MailAccount, *, renew: bool = False) -> str:
    """A token that is good now; ``renew`` when the server refused the one at hand.

    Stores a new token (and a rotated refresh token) encrypted. Raises MailboxUnreachable with a sentence.
    """
    kept = opened(account.inbox)
    if not renew and kept.get("access_token") and float(kept.get("expires_at") or 0) > time.time() + EARLY_SECONDS:
        return kept["access_token"]
    answer = _renewed(account, kept)
    changed = {
        "access_token": str(answer["access_token"]),
        "expires_at": str(time.time() + float(answer.get("expires_in") or 3600)),
    }
    if answer.get("refresh_token"):
        changed["refresh_token"] = str(answer["refresh_token"])
    keep_secrets(account.inbox, **changed)
    return changed["access_token"]


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
    answer = _posted(url, {name: value for name, value in form.items() if value})
    if not answer.get("access_token"):
        raise MailboxUnreachable("The provider gave no access token.")
    return answer


def _posted(url: str, form: dict[str, str]) -> dict[str, Any]:
    request = Request(url, urlencode(form).encode(), {"Accept": "application/json"})  # noqa: S310 - scheme checked
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
    except HTTPError as error:
        raise MailboxUnreachable(f"The provider refused to renew the sign-in ({_reason(error)}).") from error
    except (URLError, OSError, ValueError) as error:
        raise MailboxUnreachable(f"The provider's token server does not answer ({type(error).__name__}).") from error
    return answer


def _reason(error: HTTPError) -> str:
    try:
        return str(json.load(error).get("error", error.code))[:80]
    except (ValueError, AttributeError):
        return str(error.code)
