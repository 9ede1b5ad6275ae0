"""Put several rankings together by ranks alone, so that scores of different kinds need not be compared.

Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual rank learning methods"
(SIGIR 2009), with their k = 60.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

STEADINESS = 60


def fuse(rankings: Iterable[Sequence[K]], boosts: Mapping[K, float] | None = None) -> dict[K, float]:
    """Score of each key, best first: the sum of 1 / (60 + place) over the rankings, and its boost."""
    scores: defaultdict[K, float] = defaultdict(float)
    for ranking in rankings:
        for place, key in enumerate(ranking, start=1):
            scores[key] += 1 / (STEADINESS + place)
    for key in scores:
        scores[key] += (boosts or {}).get(key, 0.0)
    return dict(sorted(scores.items(), key=lambda each: -each[1]))
