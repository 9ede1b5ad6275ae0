"""How good a set of predictions is: plain arithmetic on true and predicted labels, with numpy alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BOOTSTRAP_DRAWS = 300
CALIBRATION_BINS = 15
Z_95 = 1.959964

Table = npt.NDArray[np.int64]


def confusion(truth: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> Table:
    """Counts: one row a true label, one column a predicted one."""
    at = {label: position for position, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for (true, guess), count in Counter(zip(truth, predicted, strict=True)).items():
        table[at[true], at[guess]] = count
    return table


def per_class(table: Table, labels: Sequence[str]) -> dict[str, dict[str, float | int]]:
    """Precision, recall, F1 and support of each label; 0 where nothing was predicted."""
    precision, recall, f1 = _scores(table)
    return {
        label: {
            "precision": round(float(precision[i]), 4),
            "recall": round(float(recall[i]), 4),
            "f1": round(float(f1[i]), 4),
            "support": int(table[i].sum()),
        }
        for i, label in enumerate(labels)
    }


def accuracy(table: Table) -> float:
    """Share of rows on the diagonal."""
    return float(np.trace(table) / max(table.sum(), 1))


def macro_f1(table: Table) -> float:
    """Mean F1 over the labels that occur as truth or as prediction, as scikit-learn counts it."""
    present = (table.sum(axis=0) + table.sum(axis=1)) > 0
    return float(_scores(table)[2][present].mean()) if present.any() else 0.0


def wilson(share: float, count: int) -> list[float]:
    """95 % interval of a share (Wilson 1927)."""
    if count == 0:
        return [0.0, 1.0]
    middle = (share + Z_95**2 / (2 * count)) / (1 + Z_95**2 / count)
    half = Z_95 * math.sqrt(share * (1 - share) / count + Z_95**2 / (4 * count**2)) / (1 + Z_95**2 / count)
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def macro_f1_interval(table: Table, seed: int = 42) -> list[float]:
    """95 % percentile bootstrap over the rows (drawn as multinomial counts of the confusion table)."""
    count = int(table.sum())
    if count == 0:
        return [0.0, 1.0]
    cells = np.flatnonzero(table)
    shares = table.ravel()[cells] / count
    drawn = np.random.default_rng(seed).multinomial(count, shares, size=BOOTSTRAP_DRAWS)
    scores = [macro_f1(_scatter(draw, cells, table.shape)) for draw in drawn]
    return [round(float(np.quantile(scores, 0.025)), 4), round(float(np.quantile(scores, 0.975)), 4)]


def reliability(probabilities: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]) -> list[dict[str, float]]:
    """For each of CALIBRATION_BINS equal steps of confidence that occurs: mean confidence, share right, rows."""
    confidence = probabilities.max(axis=1)
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        {
            "confidence": round(float(confidence[bins == number].mean()), 4),
            "right": round(float(right[bins == number].mean()), 4),
            "n": int((bins == number).sum()),
        }
        for number in np.unique(bins)
    ]


def calibration(probabilities: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Expected calibration error over equal bins, and mean confidence, of the likeliest label."""
    steps = reliability(probabilities, right)
    error = sum(step["n"] / len(right) * abs(step["confidence"] - step["right"]) for step in steps)
    return {"ece": round(error, 4), "mean_confidence": round(float(probabilities.max(axis=1).mean()), 4)}


def brier(probabilities: npt.NDArray[np.float32], truth: Sequence[int]) -> float:
    """Mean squared distance to the true label over all labels; -1 marks a true label the model does not know."""
    target = np.zeros_like(probabilities)
    for row, label in enumerate(truth):
        if label >= 0:
            target[row, label] = 1
    missed = sum(label < 0 for label in truth)
    return round(float((((probabilities - target) ** 2).sum() + missed) / max(len(truth), 1)), 4)


def _scores(table: Table) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    hits = np.diag(table).astype(float)
    precision = hits / np.maximum(table.sum(axis=0), 1)
    recall = hits / np.maximum(table.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return precision, recall, f1


def _scatter(counts: npt.NDArray[np.int64], cells: npt.NDArray[np.int64], shape: tuple[int, ...]) -> Table:
    table = np.zeros(int(np.prod(shape)), dtype=np.int64)
    table[cells] = counts
    return table.reshape(shape)
