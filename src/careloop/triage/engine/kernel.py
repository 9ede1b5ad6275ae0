"""Kernel ridge regression on sentence vectors: every training row votes for its label, near rows louder than far ones.

One linear system gives the model and, from its inverse, what each fold would have been told by the others (the
leave-group-out form of Allen's PRESS), so that nothing is fitted twice. numpy and scipy alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

Table = npt.NDArray[np.float32]
Folds = npt.NDArray[np.int64]

ROWS_AT_ONCE = 500
GRID = tuple((narrowness, ridge) for narrowness in (0.5, 1.0, 2.0) for ridge in (0.05, 0.1, 0.3))


@dataclass(frozen=True, slots=True)
class Kernel:
    """exp(-narrowness * |a - b|²) for vectors of length one, and the ridge that keeps a fit from learning by heart."""

    narrowness: float
    ridge: float

    def between(self, left: Table, right: Table) -> Table:
        likeness = left @ right.T
        likeness -= 1
        likeness *= 2 * self.narrowness
        return np.exp(likeness, out=likeness)


@dataclass(frozen=True, slots=True)
class KernelModel:
    """The vectors of the training rows, how loud each votes for each label, and what is said where all are far."""

    kernel: Kernel
    rows: Table
    votes: Table
    offset: Table

    def decision(self, vectors: Table) -> Table:
        """One row a vector, one column a label; about 1 for the right label and -1 for the others."""
        pieces = [self.kernel.between(piece, self.rows) @ self.votes for piece in _pieces(vectors)]
        return np.concatenate(pieces) + self.offset if pieces else np.zeros((0, len(self.offset)), dtype=np.float32)


def fit(vectors: Table, targets: npt.NDArray[np.int64], classes: int, kernel: Kernel) -> KernelModel:
    """The model of these rows; time grows with the cube of their number (some 20 s of one core for 10,000)."""
    return fit_and_hold_out(vectors, targets, classes, kernel, np.zeros(len(targets), dtype=np.int64))[0]


def fit_and_hold_out(
    vectors: Table, targets: npt.NDArray[np.int64], classes: int, kernel: Kernel, folds: Folds
) -> tuple[KernelModel, Table]:
    """The model, and the decision on each row had its fold not been there."""
    wanted = np.full((len(targets), classes), -1, dtype=np.float32)
    wanted[np.arange(len(targets)), targets] = 1
    offset = wanted.mean(axis=0)
    wanted -= offset
    system = kernel.between(vectors, vectors)
    system[np.diag_indices_from(system)] += kernel.ridge
    inverse = _inverse(system)
    votes = inverse @ wanted
    held_out = np.zeros_like(wanted)
    for fold in range(int(folds.max()) + 1):
        own = np.flatnonzero(folds == fold)
        if len(own) < len(folds):
            held_out[own] = wanted[own] - np.linalg.solve(inverse[np.ix_(own, own)], votes[own])
    return KernelModel(kernel, vectors, votes, offset), held_out + offset


def choose_kernel(vectors: Table, targets: npt.NDArray[np.int64], classes: int, folds: Folds) -> Kernel:
    """The kernel of GRID that judges held-out rows best; of equals the one that comes closest."""

    def merit(kernel: Kernel) -> tuple[float, float]:
        held_out = fit_and_hold_out(vectors, targets, classes, kernel, folds)[1]
        wanted = np.where(np.arange(classes) == targets[:, None], 1, -1)
        return float((held_out.argmax(axis=1) == targets).mean()), -float(((held_out - wanted) ** 2).mean())

    return max((Kernel(*one) for one in GRID), key=merit)


def _inverse(system: Table) -> Table:
    """Of a symmetric positive matrix, in its own memory."""
    factor, failed = lapack.spotrf(system.T, lower=1, overwrite_a=1, clean=1)
    inverse, also_failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed or also_failed:
        raise np.linalg.LinAlgError("the vectors are too much alike")
    lower = np.tril(inverse, -1)
    return np.tril(inverse) + lower.T


def _pieces(vectors: Table) -> Iterator[Table]:
    for begin in range(0, len(vectors), ROWS_AT_ONCE):
        yield vectors[begin : begin + ROWS_AT_ONCE]
