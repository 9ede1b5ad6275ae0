"""How often the right answer stands among the first: hit rates at 1, 3 and 5, and the mean reciprocal rank.

Pure arithmetic. Intervals are Wilson's, at 95 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

DEPTHS = (1, 3, 5)
Z = 1.96


@dataclass(frozen=True, slots=True)
class HitRates:
    """Over ``n`` questions: the share with a hit within each depth, its interval, and the mean of 1 / place."""

    n: int
    at: dict[int, float]
    interval: dict[int, tuple[float, float]]
    mean_reciprocal_rank: float

    def as_dict(self) -> dict[str, object]:
        shares = {
            f"hit_at_{depth}": {
                "share": round(self.at[depth], 4),
                "interval": [round(x, 4) for x in self.interval[depth]],
            }
            for depth in self.at
        }
        return {"n": self.n, **shares, "mrr": round(self.mean_reciprocal_rank, 4)}


def hit_rates(places: Sequence[int | None]) -> HitRates:
    """``places`` holds for each question the place (from 1) of its first right answer, or None."""
    n = len(places)
    counts = {depth: sum(place is not None and place <= depth for place in places) for depth in DEPTHS}
    return HitRates(
        n=n,
        at={depth: count / n if n else 0.0 for depth, count in counts.items()},
        interval={depth: wilson(count, n) for depth, count in counts.items()},
        mean_reciprocal_rank=sum(1 / place for place in places if place) / n if n else 0.0,
    )


def wilson(count: int, n: int) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), which keeps within 0 and 1 also for small n."""
    if not n:
        return (0.0, 1.0)
    share, z2 = count / n, Z * Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return (max(0.0, middle - half), min(1.0, middle + half))
