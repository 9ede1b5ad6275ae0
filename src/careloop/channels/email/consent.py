"""Signing in with the mail provider: there with a question, back with a code, and the code becomes tokens.

The authorisation-code flow (RFC 6749 4.1) with PKCE (RFC 7636) and a state that only the browser that left may bring
back, once and soon: the question waits in the administrator's session.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from careloop.channels import events
from careloop.channels.email import oauth
from careloop.channels.email.accounts import MailAccount, account_of
from careloop.channels.email.providers import provider, provider_for
from careloop.common.errors import InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Inbox

if TYPE_CHECKING:
    from careloop.accounts.models import User

ASKED = "email_consents"
GOOD_FOR_SECONDS = 600
MOST_ASKED = 5

Session = MutableMapping[str, Any]

# The providers' words for a refusal (RFC 6749 4.1.2.1 and 5.2), as an administrator can act on them.
REFUSALS = {
    "access_denied": _("The sign-in was cancelled there, or the provider's administrator does not allow the app."),
    "invalid_client": _("The provider does not know this client id with this secret. Check both and save."),
    "unauthorized_client": _("The app is not registered for this way of signing in. Register it as a web application."),
    "invalid_grant": _("The sign-in took too long or was used already. Please start again."),
    "invalid_scope": _("The provider does not know the permissions that were asked for. Check the scope."),
    "redirect_uri_mismatch": _("The return address is not registered with the provider: %(address)s"),
    "consent_required": _("The provider's administrator has to allow the app first."),
    "temporarily_unavailable": _("The provider cannot sign anybody in right now. Please try again later."),
}


@dataclass(frozen=True)
class Question:
    """What went out with one state, and must come back with it."""

    inbox_id: int
    verifier: str
    redirect_uri: str
    asked_at: float

    @property
    def is_good(self) -> bool:
        return 0 <= time.time() - self.asked_at < GOOD_FOR_SECONDS


def return_address() -> str:
    """Where the provider sends the browser back: what has to be registered there, to the letter."""
    return f"{settings.CARELOOP_PUBLIC_URL}{reverse('admin:channels_consent')}"


def signs_in_with(inbox: Inbox) -> str:
    """The provider's name for the button, ``OAuth 2`` for one of one's own; empty where there is no such way."""
    if inbox.kind != Inbox.Kind.EMAIL:
        return ""
    preset = provider(str(inbox.settings.get("provider") or provider_for(inbox.address)))
    own = inbox.settings.get("oauth", {})
    if not (own.get("authorize_url") or preset.get("oauth", {}).get("authorize_url")):
        return ""
    return "OAuth 2" if own.get("authorize_url") else str(preset.get("sign_in", "OAuth 2"))


def begin(inbox: Inbox, session: Session) -> str:
    """Remember a new question in the session and return the provider's address that asks it.

    Raises InvalidInput when the inbox lacks what the provider must be told.
    """
    account = account_of(inbox)
    _refuse_unless_ready(account)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    question = Question(inbox.pk, verifier, return_address(), time.time())
    session[ASKED] = {**_newest(session.get(ASKED, {})), state: vars(question)}
    asked = {
        "response_type": "code",
        "client_id": account.oauth["client_id"],
        "redirect_uri": question.redirect_uri,
        "scope": account.oauth.get("scope", ""),
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "login_hint": account.username,
        **provider(str(inbox.settings.get("provider", ""))).get("consent", {}),
    }
    address = account.oauth["authorize_url"]
    return f"{address}{'&' if '?' in address else '?'}{urlencode({key: text for key, text in asked.items() if text})}"


def question_of(session: Session, state: str) -> Question:
    """The question that belongs to a state that came back; it is good for one answer.

    Raises InvalidInput when this browser never asked it, asked it too long ago, or has the answer already.
    """
    asked = dict(session.get(ASKED, {}))
    kept = asked.pop(state, None)
    session[ASKED] = asked
    if kept is None or not Question(**kept).is_good:
        raise InvalidInput(
            "consent_unknown",
            _("This sign-in was not begun in this browser, or more than ten minutes ago. Please start again."),
        )
    return Question(**kept)


def finish(inbox: Inbox, question: Question, code: str, *, by: User) -> None:
    """Change the code into tokens, keep them encrypted, and let the inbox use them. Records ``inbox.connected``.

    Raises MailboxUnreachable with a sentence when the provider will not; then nothing has changed.
    """
    oauth.exchange(account_of(inbox), code=code, verifier=question.verifier, redirect_uri=question.redirect_uri)
    _use_tokens(inbox, by)


def refusal(error: str, description: str = "") -> str:
    """The provider's refusal in the reader's language, with the provider's own words where we have none."""
    if error in REFUSALS:
        return str(REFUSALS[error]) % {"address": return_address()}
    return str(_("The provider refused: %(reason)s")) % {"reason": (description or error)[:200]}


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636 4.2."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


@writes
def _use_tokens(inbox: Inbox, by: User) -> None:
    fresh = Inbox.objects.select_for_update().get(pk=inbox.pk)
    if account_of(fresh).auth != "xoauth2":
        fresh.settings = {**fresh.settings, "auth": "xoauth2"}
        fresh.save(update_fields=["settings"])
    record(events.INBOX_CONNECTED, by=by, subject="inbox", subject_id=fresh.pk)


def _refuse_unless_ready(account: MailAccount) -> None:
    for name, sentence in (
        ("client_id", _("Enter the client id that the provider gave you, save, and try again.")),
        ("authorize_url", _("Enter the provider's sign-in address, save, and try again.")),
        ("token_url", _("Enter the provider's token address, save, and try again.")),
    ):
        if not account.oauth.get(name):
            raise InvalidInput("consent_not_ready", sentence, data={"field": f"oauth_{name}"})


def _newest(asked: dict[str, Any]) -> dict[str, Any]:
    """Several inboxes may be signed in side by side; more than a handful is nobody."""
    return dict(list(asked.items())[-(MOST_ASKED - 1) :])
