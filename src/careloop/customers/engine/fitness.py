"""How good chances are, judged by what happened: order (AUC), closeness (Brier), honesty (reliability)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from careloop.customers.engine.histories import Numbers

DRAWS = 500
TENTHS = 10


def auc(chances: Numbers, happened: npt.NDArray[Any]) -> float:
    """The share of pairs, one of either kind, that stand in the right order; equal chances count half."""
    positive = np.asarray(happened, dtype=bool)
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return float("nan")
    ranks = stats.rankdata(chances)
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def brier(chances: Numbers, happened: npt.NDArray[Any]) -> float:
    """Mean squared distance of the chance from what happened (0 or 1)."""
    return float(((np.asarray(chances) - np.asarray(happened, dtype=float)) ** 2).mean())


def log_loss(chances: Numbers, happened: npt.NDArray[Any]) -> float:
    """Mean of minus the logarithm of the chance given to what happened."""
    told = np.where(np.asarray(happened, dtype=bool), chances, 1 - np.asarray(chances))
    return float(-np.log(np.clip(told, 1e-12, 1)).mean())


def reliability(chances: Numbers, happened: npt.NDArray[Any]) -> list[dict[str, float]]:
    """Ten groups of equal size by chance: how many, the mean chance, the share that came true."""
    order = np.argsort(chances, kind="stable")
    return [
        {
            "n": len(part),
            "chance": round(float(np.asarray(chances)[part].mean()), 4),
            "came_true": round(float(np.asarray(happened, dtype=float)[part].mean()), 4),
        }
        for part in np.array_split(order, TENTHS)
        if len(part)
    ]


def calibration_error(chances: Numbers, happened: npt.NDArray[Any]) -> float:
    """Mean distance of chance and share over the groups of `reliability`, each counted by its size."""
    groups = reliability(chances, happened)
    return sum(group["n"] * abs(group["chance"] - group["came_true"]) for group in groups) / len(np.asarray(chances))


def interval(measure: Any, chances: Numbers, happened: npt.NDArray[Any], seed: int = 42) -> list[float]:
    """The middle 95 % of a measure over rows drawn again (bootstrap)."""
    generator = np.random.default_rng(seed)
    told, true = np.asarray(chances), np.asarray(happened)
    drawn = [measure(told[rows], true[rows]) for rows in generator.integers(0, len(told), (DRAWS, len(told)))]
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return [round(float(low), 4), round(float(high), 4)]


def difference_interval(
    measure: Any, ours: Numbers, theirs: Numbers, happened: npt.NDArray[Any], seed: int = 42
) -> list[float]:
    """The middle 95 % of measure(ours) - measure(theirs) over the same rows drawn again."""
    generator = np.random.default_rng(seed)
    true = np.asarray(happened)
    drawn = [
        measure(ours[rows], true[rows]) - measure(theirs[rows], true[rows])
        for rows in generator.integers(0, len(true), (DRAWS, len(true)))
    ]
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return [round(float(low), 4), round(float(high), 4)]
