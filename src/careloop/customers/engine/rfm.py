"""Recency, frequency, money in fifths: who bought lately, often and for much. It sorts; it forecasts nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

from careloop.customers.engine.errors import BadHistory

FIFTHS = 5


def fifths(values: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """1 (lowest) to 5; equal values stand in one fifth, by the mean of their ranks."""
    column = np.asarray(values, dtype=float)
    if not np.isfinite(column).all():
        raise BadHistory("Recency, frequency and money must be finite numbers.")
    if len(column) == 0:
        return np.empty(0, dtype=np.int64)
    middle = (stats.rankdata(column, method="average") - 0.5) / len(column)
    return np.minimum(np.floor(middle * FIFTHS).astype(np.int64) + 1, FIFTHS)


def scores(
    days_since_last: Sequence[float], purchases: Sequence[float], money: Sequence[float]
) -> npt.NDArray[np.int64]:
    """One row a customer: recency (5 = latest), frequency, money, as of the day the days were counted to."""
    recency = fifths(-np.asarray(days_since_last, dtype=float))
    return np.stack([recency, fifths(purchases), fifths(money)], axis=1)
