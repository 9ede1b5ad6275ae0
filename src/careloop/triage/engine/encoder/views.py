"""Three looks at a text: the whole, its first line (the subject), and its sentences one by one.

An encoder blurs a long letter; its subject and its single sentences stay clear. A text of one sentence looks the same
three times and is encoded once.
"""

from __future__ import annotations

import re

MOST_SENTENCES = 24
_ENDS = re.compile(r"(?<=[。！？!?；;])|(?<=[.])\s+|\n+")

Views = tuple[tuple[str, ...], ...]


def views_of(text: str) -> Views:
    """Three groups of texts; each group counts alike, and within a group each text. Empty for an empty text."""
    whole = text.strip()
    if not whole:
        return ()
    opening = whole.partition("\n")[0].strip()
    sentences = [part for one in _ENDS.split(whole) if len(part := one.strip()) > 1][:MOST_SENTENCES]
    return (whole,), (opening,), tuple(sentences or [whole])
