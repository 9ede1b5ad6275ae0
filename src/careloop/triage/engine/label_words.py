"""What the name of a label says: “card_arrival” reads “card arrival”, and an encoder understands that."""

from __future__ import annotations

import re

_JOINTS = re.compile(r"[\W_]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TELLING = re.compile(r"[^\W\d_]{3}|[\u3400-\u9fff]{2}")


def words_of(label: str) -> str:
    """The name as words; empty where it says nothing: a number, a code, a single letter."""
    words = " ".join(_JOINTS.sub(" ", _HUMPS.sub(" ", label)).split())
    return words if _TELLING.search(words) else ""
