"""Two short digests of a text; near-equal texts share at least one of them, others hardly ever.

Min-hashing (Broder 1997): of all words, runs and stems of a text the smallest under a fixed shuffling stays the same
with a probability equal to the share of features two texts have in common. Three shufflings make one digest, so
texts that share 85 % of their features agree in one of two digests with about 85 %, texts that share 30 % with 5 %.
Numbers are alike, so one letter sent with two order numbers is one text.
"""

from __future__ import annotations

import zlib

import numpy as np

from careloop.common.text import fold
from careloop.triage.engine.tokens import feature_names

# Odd multipliers shuffle the numbers of 32 bits; which ones does not matter, but they may not change.
_SHUFFLES = np.array(
    [[0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D], [0x27D4EB2F, 0x165667B1, 0xD3A2646D]], dtype=np.uint64
)  # fmt: skip
_LOW = np.uint64(0xFFFFFFFF)


def likeness(text: str) -> tuple[int, int]:
    """Two whole numbers below 2**63; the same for every text without any word."""
    names = feature_names(fold(text))
    if not names:
        return 0, 0
    numbers = np.array([zlib.crc32(name.encode()) for name in names], dtype=np.uint64)
    smallest = ((numbers[None, None, :] * _SHUFFLES[:, :, None]) & _LOW).min(axis=2)
    first, second = (zlib.crc32(row.tobytes()) for row in smallest)
    return first, second
