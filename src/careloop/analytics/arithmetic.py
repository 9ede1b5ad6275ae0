"""Means, medians and changes, each with its n. Imports neither Django nor us."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Summary:
    """Of ``n`` durations, in the unit they were given in; None without rows."""

    n: int
    mean: float | None
    median: float | None
    p90: float | None

    def as_dict(self) -> dict[str, float | int | None]:
        return asdict(self)


def summary(values: Sequence[float]) -> Summary:
    if not values:
        return Summary(0, None, None, None)
    ordered = sorted(values)
    return Summary(len(ordered), sum(ordered) / len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.9))


def quantile(ordered: Sequence[float], q: float) -> float:
    """Linear between the two neighbours (Hyndman and Fan's type 7, as NumPy and spreadsheets do)."""
    at = (len(ordered) - 1) * q
    below, above = math.floor(at), math.ceil(at)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def change_percent(now: float, before: float) -> float | None:
    """+25.0 for 125 after 100; None where there was nothing before to compare with."""
    return None if before == 0 else (now - before) / before * 100


def per_hour(handled: int, hours: float) -> float | None:
    """The seed's E = N / T: 50 cases in 10 hours are 5 an hour (mission 21); None without hours."""
    return handled / hours if hours > 0 else None
