"""Purchases as the value models want them: how many repeats, when the last, how long known, how much spent.

Purchases of one day count as one, as Fader, Hardie and Lee count them; the first purchase is no repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from careloop.customers.engine.errors import BadHistory

DAYS_PER_WEEK = 7.0

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """One customer as of one day. `repeats` x, `last_at` t_x and `age` T in weeks since the first purchase.

    `mean_spend` is of the repeat purchases alone (0 without one), in whatever currency the purchases had.
    """

    repeats: int
    last_at: float
    age: float
    mean_spend: float = 0.0


@dataclass(frozen=True, slots=True)
class Histories:
    """Many customers as columns of equal length; see `History`."""

    repeats: Numbers
    last_at: Numbers
    age: Numbers
    mean_spend: Numbers

    def __len__(self) -> int:
        return len(self.repeats)

    @classmethod
    def of(cls, rows: Sequence[History]) -> Histories:
        """Raises BadHistory for what no customer can have done."""
        columns = [
            np.array([getattr(row, name) for row in rows], dtype=float)
            for name in ("repeats", "last_at", "age", "mean_spend")
        ]
        return cls(*columns).checked()

    def checked(self) -> Histories:
        """Itself, when every customer is possible: 0 ≤ t_x ≤ T, x whole and not negative, nothing endless."""
        columns = (self.repeats, self.last_at, self.age, self.mean_spend)
        if not all(np.isfinite(column).all() and (column >= 0).all() for column in columns):
            raise BadHistory("Repeats, weeks and spend must be finite and not negative.")
        if (self.last_at > self.age).any():
            raise BadHistory("A last purchase lies after the day of the forecast.")
        if (self.repeats != np.floor(self.repeats)).any():
            raise BadHistory("The number of repeat purchases must be whole.")
        return self

    def take(self, chosen: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Histories:
        """The customers at these positions."""
        return Histories(self.repeats[chosen], self.last_at[chosen], self.age[chosen], self.mean_spend[chosen])


def history_of(purchases: Iterable[tuple[date, float]], as_of: date) -> History | None:
    """What one customer did until the end of `as_of`, from (day, amount); None before the first purchase."""
    by_day: dict[date, float] = {}
    for day, amount in purchases:
        if day <= as_of:
            by_day[day] = by_day.get(day, 0.0) + amount
    if not by_day:
        return None
    first, last = min(by_day), max(by_day)
    repeats = len(by_day) - 1
    spent = sum(amount for day, amount in by_day.items() if day != first)
    return History(
        repeats,
        (last - first).days / DAYS_PER_WEEK,
        (as_of - first).days / DAYS_PER_WEEK,
        spent / repeats if repeats else 0.0,
    )
