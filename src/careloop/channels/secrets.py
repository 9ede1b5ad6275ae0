"""Passwords and tokens of inboxes at rest: encrypted with a key made from the installation's secret key.

Fernet (AES-128-CBC with HMAC-SHA256). Whoever has the database but not the key learns nothing; whoever changes
the secret key must type the passwords again, which ``opened`` says instead of failing obscurely.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import CareloopError
from careloop.common.transaction import write
from careloop.conversations.models import Inbox

if TYPE_CHECKING:
    from collections.abc import Mapping


class SecretsLost(CareloopError):
    """The stored secrets were encrypted with another key."""


def sealed(secrets: Mapping[str, str]) -> str:
    """The secrets as one opaque text."""
    return _fernet().encrypt(json.dumps(dict(secrets)).encode()).decode()


def opened(inbox: Inbox) -> dict[str, str]:
    """The secrets of an inbox; empty when it has none. Raises SecretsLost when the key has changed."""
    if not inbox.secrets:
        return {}
    try:
        found: dict[str, str] = json.loads(_fernet().decrypt(inbox.secrets.encode()))
    except InvalidToken:
        raise SecretsLost(
            "secrets_lost", _("The secret key of this installation has changed. Enter the inbox's password again.")
        ) from None
    return found


def keep_secrets(inbox: Inbox, **changed: str) -> None:
    """Store the changed secrets beside those there are."""
    inbox.secrets = sealed(opened(inbox) | changed)
    with write():
        Inbox.objects.filter(pk=inbox.pk).update(secrets=inbox.secrets)


def _fernet() -> Fernet:
    key = sha256(b"careloop.inbox-secrets" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
