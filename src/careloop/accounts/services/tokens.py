"""Make and check API tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from careloop.accounts.models import ApiToken, User
from careloop.common.db.rows import fetch, find
from careloop.common.transaction import write

PREFIX = "clp_"
USE_IS_NOTED_EVERY = timedelta(minutes=5)


def issue(user: User, *, name: str, scopes: list[str], expires_at: datetime | None = None) -> str:
    """Store a new token's hash and return the token: the only time anybody sees it."""
    token = PREFIX + secrets.token_urlsafe(32)
    with write():
        ApiToken.objects.create(name=name, user=user, digest=_digest(token), scopes=scopes, expires_at=expires_at)
    return token


def check(token: str) -> ApiToken | None:
    """The live token with this text, or None. Notes the use, at most every five minutes."""
    now = timezone.now()
    found = find(ApiToken, "digest", _digest(token))
    if found is None:
        return None
    found.user = fetch(User, found.user_id)
    if not found.user.is_active or (found.expires_at and found.expires_at <= now):
        return None
    if found.last_used_at is None or now - found.last_used_at > USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
