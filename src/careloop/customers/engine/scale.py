"""Where a value stands among many, kept as a few points: learned from all at once, asked for one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from careloop.customers.engine.rfm import FIFTHS

POINTS = 200


@dataclass(frozen=True, slots=True)
class Scale:
    """Distinct values, rising, and the share of the n that stand below each, half of its equals counted in."""

    values: tuple[float, ...]
    shares: tuple[float, ...]
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Scale:
        """Of one value or more. Beyond POINTS distinct values, evenly many of them are kept, first and last too."""
        distinct, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
        shares = (np.cumsum(counts) - counts / 2) / counts.sum()
        if len(distinct) > POINTS:
            kept = np.unique(np.searchsorted(shares, np.linspace(shares[0], shares[-1], POINTS)))
            distinct, shares = distinct[kept], shares[kept]
        return cls(tuple(distinct.tolist()), tuple(np.round(shares, 5).tolist()), int(counts.sum()))

    def share(self, value: float) -> float:
        """Between 0 and 1: how many stand below, by the straight line between the points beside it."""
        return float(np.interp(value, self.values, self.shares))

    def fifth(self, value: float, *, is_low_best: bool = False) -> int:
        """1 to 5, as `rfm.fifths` counts them; 5 is the best."""
        share = self.share(value)
        return min(int((1 - share if is_low_best else share) * FIFTHS) + 1, FIFTHS)
