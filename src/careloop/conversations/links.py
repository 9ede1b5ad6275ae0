"""The customer's private link: a signed name of one conversation, nothing to look up, nothing to guess."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

from django.conf import settings

from careloop.conversations.models import Conversation

SIGNATURE_BYTES = 16  # 128 bits


def portal_token(conversation: Conversation) -> str:
    """``<id>.<version>.<signature>``; raising ``link_version`` makes older tokens worthless."""
    name = f"{conversation.pk}.{conversation.link_version}"
    return f"{name}.{_signature(name)}"


def conversation_for(token: str) -> Conversation | None:
    """The conversation a genuine, current token names, or None."""
    name, _, signature = token.rpartition(".")
    row, _, version = name.partition(".")
    if not (row.isdecimal() and version.isdecimal() and len(row) < 19 and len(version) < 6):
        return None
    if not hmac.compare_digest(signature.encode(), _signature(name).encode()):
        return None
    return (
        Conversation.objects.select_related("customer", "inbox").filter(pk=int(row), link_version=int(version)).first()
    )


def _signature(name: str) -> str:
    key = sha256(b"careloop.portal" + settings.SECRET_KEY.encode()).digest()
    digest = hmac.new(key, name.encode(), sha256).digest()[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
