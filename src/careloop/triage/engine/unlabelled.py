"""Learning from texts that nobody labelled: what the few labels say of them becomes a softer, quieter label.

The labelled rows judge the others, the others join as examples that weigh less the less sure they are, and all
together judge again, a few times (self-training; Scudder 1965, Yarowsky 1995). It pays where labels are few and texts
like them are many; how much is in `docs/encoder.md`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from careloop.triage.engine.kernel import Kernel, KernelModel, Lesson, Table, fit
from careloop.triage.engine.linear import softmax

MOST_LABELLED: Final = 3_000  # with more labels there is little left to gain, and the time grows with the cube
MOST_TEXTS: Final = 4_000
ROUNDS: Final = 3
SHARPNESS: Final = 6.0  # scores are about 1 for the right label and -1 for the others
LOUDEST: Final = 0.3  # a text that is quite sure weighs this much of a labelled one


def learn_from_both(lesson: Lesson, others: Table, kernel: Kernel) -> tuple[KernelModel, Table]:
    """The model of labelled rows and others, and the decision on each held-out row had its fold had no labels."""
    held_out = np.zeros((lesson.held, lesson.classes), dtype=np.float32)
    for fold in range(int(lesson.folds.max()) + 1):
        own = np.flatnonzero(lesson.folds == fold)
        inside = lesson.take(np.flatnonzero(lesson.folds != fold))
        held_out[own] = _taught(inside, others, kernel).decision(lesson.vectors[own])
    return _taught(lesson, others, kernel), held_out


def _taught(lesson: Lesson, others: Table, kernel: Kernel) -> KernelModel:
    rows = np.vstack([lesson.vectors, others])
    system = kernel.between(rows, rows)
    first = len(lesson.targets)
    said = fit(lesson, kernel).decision(others)
    for _ in range(ROUNDS):
        chances = softmax(said * SHARPNESS)
        loud = np.concatenate([np.ones(first), LOUDEST * chances.max(axis=1) ** 2])
        wanted = np.vstack([lesson.wanted, 2 * chances - 1]).astype(np.float32)
        offset = wanted.mean(axis=0)
        votes = cho_solve(cho_factor(system + np.diag((kernel.ridge / loud).astype(np.float32))), wanted - offset)
        said = system[first:] @ votes + offset
    return KernelModel(kernel, rows, votes, offset)
