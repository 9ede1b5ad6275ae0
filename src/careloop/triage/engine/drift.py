"""Has what comes in, or what we answer, changed? Plain arithmetic on weekly counts; knows neither Django nor rows.

The population stability index compares the shares of a week with those of the weeks before: the sum of
(now - before) · ln(now / before). By custom below 0.1 nothing happened and from 0.25 on something did (Siddiqi 2006).
A small week is far from any other by chance alone, so a warning also asks that the index is beyond what chance makes
of two samples of these sizes: about χ²(k - 1) · (1/n + 1/m), here its 99th percentile.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

DRIFTED: Final = 0.25
WEEKS_BEFORE: Final = 8
FEWEST_NOW: Final = 30
FEWEST_BEFORE: Final = 100
Z_99: Final = 2.326
MORE_CORRECTED: Final = 0.05
Z_CORRECTED: Final = 3.0


@dataclass(frozen=True, slots=True)
class Week:
    """What was counted in one week: answers by label, and how many of them people corrected."""

    counts: Mapping[str, int]
    corrected: int = 0

    @property
    def n(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Judgement:
    """A week beside the weeks before. None where there is too little to say."""

    index: float | None
    is_drifting: bool
    corrected_share: float | None
    is_corrected_more: bool

    @property
    def is_warning(self) -> bool:
        return self.is_drifting or self.is_corrected_more


def judge(week: Week, before: Sequence[Week]) -> Judgement:
    """A week against the pooled weeks before it (the latest WEEKS_BEFORE are used)."""
    counts: Counter[str] = Counter()
    for each in before[-WEEKS_BEFORE:]:
        counts.update(each.counts)
    usual = Week(counts, sum(each.corrected for each in before[-WEEKS_BEFORE:]))
    share = week.corrected / week.n if week.n else None
    if week.n < FEWEST_NOW or usual.n < FEWEST_BEFORE:
        return Judgement(None, False, share, False)
    index = stability_index(week.counts, usual.counts)
    is_drifting = index >= max(DRIFTED, by_chance(week.n, usual.n, len({*week.counts, *usual.counts})))
    return Judgement(round(index, 4), is_drifting, share, _is_corrected_more(week, usual))


def stability_index(now: Mapping[str, int], before: Mapping[str, int]) -> float:
    """0 for equal shares; each label counts half a row more, so that one not seen yet does not make it infinite."""
    labels = {*now, *before}
    n, m = sum(now.values()) + len(labels) / 2, sum(before.values()) + len(labels) / 2
    total = 0.0
    for label in sorted(labels):
        new, old = (now.get(label, 0) + 0.5) / n, (before.get(label, 0) + 0.5) / m
        total += (new - old) * math.log(new / old)
    return total


def by_chance(n: int, m: int, labels: int) -> float:
    """What the index of two samples of one population exceeds once in a hundred times (χ² after Wilson-Hilferty)."""
    degrees = labels - 1
    if degrees < 1:
        return 0.0
    square = degrees * (1 - 2 / (9 * degrees) + Z_99 * math.sqrt(2 / (9 * degrees))) ** 3
    return square * (1 / n + 1 / m)


def _is_corrected_more(week: Week, usual: Week) -> bool:
    """Five points more than usual, and three standard errors."""
    share, before = week.corrected / week.n, usual.corrected / usual.n
    pooled = (week.corrected + usual.corrected) / (week.n + usual.n)
    error = math.sqrt(max(pooled * (1 - pooled), 1e-9) * (1 / week.n + 1 / usual.n))
    return share - before >= MORE_CORRECTED and (share - before) / error >= Z_CORRECTED
