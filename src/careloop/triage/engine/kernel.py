"""Kernel ridge regression on sentence vectors: every training row votes for its label, near rows louder than far ones.

One linear system gives the model and, from its inverse, what each fold would have been told by the others (the
leave-group-out form of Allen's PRESS), so that nothing is fitted twice. numpy and scipy alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

Table = npt.NDArray[np.float32]
Folds = npt.NDArray[np.int64]

ROWS_AT_ONCE = 500
USUAL = (1.0, 0.1)  # narrowness and ridge: the best or next to it on every set tried
ALWAYS = -1
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


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from: a vector, a label and a fold for each row; rows of the fold ALWAYS are never held out.

    Those that can be held out stand before those that cannot.
    """

    vectors: Table
    targets: npt.NDArray[np.int64]
    folds: Folds
    classes: int

    @property
    def held(self) -> int:
        """How many rows can be held out."""
        return int((self.folds != ALWAYS).sum())

    @property
    def wanted(self) -> Table:
        """1 for the right label of each row and -1 for the others."""
        wanted = np.full((len(self.targets), self.classes), -1, dtype=np.float32)
        wanted[np.arange(len(self.targets)), self.targets] = 1
        return wanted

    def take(self, rows: npt.NDArray[np.int64]) -> Lesson:
        """These rows alone."""
        return Lesson(self.vectors[rows], self.targets[rows], self.folds[rows], self.classes)

    def and_also(self, other: Lesson) -> Lesson:
        """Both, one after the other."""
        return Lesson(
            np.vstack([self.vectors, other.vectors]),
            np.concatenate([self.targets, other.targets]),
            np.concatenate([self.folds, other.folds]),
            self.classes,
        )


def fit(lesson: Lesson, kernel: Kernel) -> KernelModel:
    """The model of these rows; time grows with the cube of their number (some 20 s of one core for 10,000)."""
    return fit_and_hold_out(replace(lesson, folds=np.full(len(lesson.targets), ALWAYS)), kernel)[0]


def fit_and_hold_out(lesson: Lesson, kernel: Kernel) -> tuple[KernelModel, Table]:
    """The model, and the decision on each row that can be held out, had its fold not been there."""
    wanted = lesson.wanted
    offset = wanted.mean(axis=0)
    wanted -= offset
    system = kernel.between(lesson.vectors, lesson.vectors)
    system[np.diag_indices_from(system)] += kernel.ridge
    inverse = _inverse(system)
    votes = inverse @ wanted
    held_out = np.zeros((lesson.held, lesson.classes), dtype=np.float32)
    for fold in range(int(lesson.folds.max(initial=ALWAYS)) + 1):
        own = np.flatnonzero(lesson.folds == fold)
        held_out[own] = wanted[own] - np.linalg.solve(inverse[np.ix_(own, own)], votes[own])
    return KernelModel(kernel, lesson.vectors, votes, offset), held_out + offset


def merit(held_out: Table, targets: npt.NDArray[np.int64]) -> tuple[float, float]:
    """How good these decisions are: the share that is right, then how close they come."""
    wanted = np.where(np.arange(held_out.shape[1]) == targets[:, None], 1, -1)
    return float((held_out.argmax(axis=1) == targets).mean()), -float(((held_out - wanted) ** 2).mean())


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
