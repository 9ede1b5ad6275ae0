"""Hashes of many runs of characters at once, with numpy: the fingerprints by which features are known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]

BASE = 0x9E3779B97F4A7C15
_BASE_INVERSE = pow(BASE, -1, 2**64)


def range_hashes(values: Hashes, start: Positions, end: Positions) -> Hashes:
    """Hash of values[start:end] for many ranges at once, from running sums (a Rabin fingerprint)."""
    powers = _powers(BASE, len(values))
    inverse = _powers(_BASE_INVERSE, len(values))
    running = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(values * powers)))
    return (running[end] - running[start]) * inverse[start]


def _powers(base: int, count: int) -> Hashes:
    factors = np.full(count, base, dtype=np.uint64)
    factors[:1] = 1
    return np.cumprod(factors)


def mix(values: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): spreads every input bit over the word."""
    mixed = values + np.uint64(BASE)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
