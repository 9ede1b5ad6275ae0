"""Ridge regression over the words of a few thousand texts: what teaches the tables of `meaning` and `scoring`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

RIDGE = 0.5

Matrix = Any  # scipy.sparse.csr_matrix; scipy carries no types
Numbers = npt.NDArray[np.float64]


def matrix(found: list[set[str]], at: dict[str, int], rarity: Numbers) -> Matrix:
    """A row a text of length one, a column a word, rare words weighing more."""
    rows, columns, values = [], [], []
    for row, names in enumerate(found):
        own = sorted(at[name] for name in names)
        length = float(np.sqrt(np.square(rarity[own]).sum())) or 1.0
        rows += [row] * len(own)
        columns += own
        values += (rarity[own] / length).tolist()
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(found), len(at)))


def learn(
    texts: Matrix, kernel: Numbers, labelled: list[str | None], labels: tuple[str, ...]
) -> tuple[Numbers, Numbers]:
    """Ridge regression in its dual form: as many unknowns as sentences, not as many as words."""
    used = [row for row, label in enumerate(labelled) if label is not None]
    truth = [label for label in labelled if label is not None]
    texts, kernel = texts[used], kernel[np.ix_(used, used)]
    counts = Counter(truth)
    target = np.array([[1.0 if own == label else -1.0 for label in labels] for own in truth])
    share = np.array([len(truth) / len(counts) / counts[own] for own in truth])
    mean = (share[:, None] * target).sum(axis=0) / share.sum()
    dual = np.linalg.solve(kernel + RIDGE * np.diag(1 / share), target - mean)
    return np.asarray(texts.T @ dual), mean
