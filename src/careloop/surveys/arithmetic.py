"""The numbers of a survey, each with the rows behind it. Imports neither Django nor us.

Two numbers are kept apart (domain §3): the mean score of the seed, (C1 + C2 + C3) / 3, and the share of
customers who chose one of the two best answers (top-2-box) with its interval by Wilson (1927).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

BEST_TWO = (4, 5)
SCALE = (1, 2, 3, 4, 5)
Z_95 = 1.959963984540054

Scores = tuple[int, int, int]  # C1 speed, C2 result, C3 overall


@dataclass(frozen=True)
class Share:
    """``hits`` of ``n``, with the bounds between which the true share lies 19 times in 20."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        return self.hits / self.n if self.n else None


def mean_score(scores: Scores) -> float:
    """The seed's S = (C1 + C2 + C3) / 3: 4, 5, 3 gives 4 (mission 22)."""
    return sum(scores) / len(scores)


def mean_of(scores: Sequence[Scores]) -> float | None:
    """The mean of the mean scores; None without answers."""
    return sum(map(mean_score, scores)) / len(scores) if scores else None


def distribution(answers: Iterable[int]) -> dict[int, int]:
    """How many chose each of 1 to 5, zeros included."""
    counted = Counter(answers)
    return {score: counted[score] for score in SCALE}


def top_two(answers: Sequence[int]) -> Share:
    """The share of 4 and 5 among the answers."""
    return wilson(sum(answer in BEST_TWO for answer in answers), len(answers))


def wilson(hits: int, n: int, z: float = Z_95) -> Share:
    """The score interval of a share: 18 of 20 gives 69.9 % to 97.2 %. Without rows it is 0 to 1."""
    if n == 0:
        return Share(0, 0, 0.0, 1.0)
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return Share(hits, n, max(0.0, middle - reach), min(1.0, middle + reach))
