"""Who calls the API: a bearer token with scopes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from careloop.accounts.models import ApiToken
from careloop.accounts.services import tokens
from careloop.common.errors import NotAllowed

MESSAGES_WRITE = "messages:write"
CONVERSATIONS_READ = "conversations:read"
CONVERSATIONS_WRITE = "conversations:write"

SCOPES = {
    MESSAGES_WRITE: _("Hand in customers' messages"),
    CONVERSATIONS_READ: _("Read conversations"),
    CONVERSATIONS_WRITE: _("Answer, note and resolve"),
}


class Bearer(HttpBearer):
    """Lets a request in when its token is live; ``request.auth`` is then the token."""

    def authenticate(self, request: HttpRequest, token: str) -> Any | None:
        return tokens.check(token)


def require_scope(request: HttpRequest, scope: str) -> ApiToken:
    """The caller's token; raises :class:`NotAllowed` with the missing scope."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    if scope not in token.scopes:
        raise NotAllowed(
            "scope_missing", _("This token may not do that; it lacks the scope %(scope)s.") % {"scope": scope},
            data={"scope": scope},
        )  # fmt: skip
    return token
