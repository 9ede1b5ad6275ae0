"""Reply tokens: the signed name of a conversation inside a mail address (``care+<token>@…``).

Lower-case letters and digits only, because mail systems change the case of addresses.
"""

from __future__ import annotations

import base64
import hmac
import re
from hashlib import sha256

from django.conf import settings

SIGNATURE_BYTES = 10  # 80 bits
SHAPE = re.compile(r"\bc([0-9a-z]{1,13})-([a-z2-7]{16})\b", re.IGNORECASE)


def reply_token(conversation_id: int) -> str:
    return f"c{_base36(conversation_id)}-{_signature(conversation_id)}"


def conversation_id_in(text: str) -> int | None:
    """The conversation named by the first genuine token in ``text``; forged ones count for nothing."""
    for row, signature in SHAPE.findall(text):
        conversation_id = int(row, 36)
        if hmac.compare_digest(signature.lower(), _signature(conversation_id)):
            return conversation_id
    return None


def _signature(conversation_id: int) -> str:
    key = sha256(b"careloop.reply" + settings.SECRET_KEY.encode()).digest()
    digest = hmac.new(key, str(conversation_id).encode(), sha256).digest()[:SIGNATURE_BYTES]
    return base64.b32encode(digest).decode().lower()


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text or "0"
