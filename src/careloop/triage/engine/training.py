"""Learning a linear model from labelled examples: choose the way, fit it on all rows, say how good it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

import careloop
from careloop.triage.engine import metrics
from careloop.triage.engine.choosing import Candidate, Outcome, choose, fit, rows_to_choose_on, targets_of
from careloop.triage.engine.encoder.encoder import Encoder
from careloop.triage.engine.errors import UnusableExamples
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.features import FittedBlock
from careloop.triage.engine.hybrid import AnyModel
from careloop.triage.engine.joining import join
from careloop.triage.engine.linear import LinearModel, ModelInfo, Scores, softmax
from careloop.triage.engine.spans import Block

LARGEST_FILE = 45_000_000  # bytes
BYTES_A_FEATURE = 10  # its hash and its idf
BYTES_A_WEIGHT = 2  # one for every label


def train(examples: Examples, head: str = "label", *, candidate: Candidate | None = None) -> LinearModel:
    """A model of these examples, chosen by cross-validation unless a candidate is given.

    Raises UnusableExamples when there is nothing to tell apart (fewer than two labels or four rows).
    """
    return learn(examples, head, candidate)[0]


def learn(
    examples: Examples, head: str = "label", candidate: Candidate | None = None
) -> tuple[LinearModel, list[Outcome]]:
    """What `train` returns, and what cross-validation said, best first (nothing when a candidate is given)."""
    check(examples)
    outcomes = choose(examples) if candidate is None else []
    chosen = outcomes[0].candidates if candidate is None else (candidate,)
    labels = sorted(examples.counts)
    blocks, weights, intercept = _fit_together(examples, labels, chosen)
    temperature = _temperature(outcomes[0].held_out, rows_to_choose_on(examples)) if outcomes else 1.0
    info = described(examples, head, "; ".join(one.name for one in chosen), _scores(outcomes))
    # Rounded as the file will round it, so that a model answers alike before and after it is saved.
    return LinearModel(blocks, _rounded(weights), intercept, labels, temperature, info), outcomes


def train_with(examples: Examples, head: str, encoder: Encoder | None, unlabelled: Sequence[str] = ()) -> AnyModel:
    """The model of `train`, joined by the encoder where there is one, which may learn from unlabelled texts too.

    Raises UnusableExamples as `train` does.
    """
    model, outcomes = learn(examples, head)
    if encoder is None:
        return model
    return join(model, outcomes[0].held_out, examples, encoder, unlabelled)


def _fit_together(
    examples: Examples, labels: list[str], candidates: tuple[Candidate, ...]
) -> tuple[list[FittedBlock], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The average of several linear models, as one: features side by side, weights of a shared block added."""
    columns = 1 if len(labels) == 2 else len(labels)
    blocks = dict.fromkeys(block for candidate in candidates for block in candidate.blocks)
    room = LARGEST_FILE // (BYTES_A_FEATURE + BYTES_A_WEIGHT * columns)
    fitted = _sharing(room, {block: FittedBlock.fit(examples.texts, block) for block in blocks})
    matrices = {block: one.transform(examples.texts) for block, one in fitted.items()}
    if sum(matrix.shape[1] for matrix in matrices.values()) == 0:
        raise UnusableExamples("The texts have nothing in common to learn from.")
    targets = targets_of(examples.labels, labels)
    weights = {block: np.zeros((matrix.shape[1], columns), dtype=np.float32) for block, matrix in matrices.items()}
    intercept = np.zeros(columns, dtype=np.float32)
    for candidate in candidates:
        joined = sparse.hstack([matrices[block] for block in candidate.blocks], format="csr")
        found, constant = fit(joined, targets, len(labels), candidate)
        at = 0
        for block in candidate.blocks:
            weights[block] += found[at : at + matrices[block].shape[1]] / len(candidates)
            at += matrices[block].shape[1]
        intercept += constant / len(candidates)
    return list(fitted.values()), np.concatenate(list(weights.values())), intercept


def _sharing(room: int, fitted: dict[Block, FittedBlock]) -> dict[Block, FittedBlock]:
    """The blocks with at most `room` features in all: an equal share each, and what a small one leaves for the rest."""
    smallest_first = sorted(fitted, key=lambda block: len(fitted[block].vocabulary))
    kept: dict[Block, FittedBlock] = {}
    for waiting, block in zip(range(len(fitted), 0, -1), smallest_first, strict=True):
        kept[block] = fitted[block].commonest(room // waiting)
        room -= len(kept[block].vocabulary)
    return {block: kept[block] for block in fitted}


def _temperature(held_out: Scores, sample: Examples) -> float:
    """The factor on the scores that makes the probabilities of held-out rows most likely (Guo et al. 2017)."""
    targets = targets_of(sample.labels, sorted(sample.counts))
    rows = np.arange(len(targets))
    tried = np.geomspace(0.25, 24, 40)
    losses = [-np.log(softmax(held_out * factor)[rows, targets] + 1e-9).mean() for factor in tried]
    return round(float(tried[int(np.argmin(losses))]), 3)


def _rounded(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return weights.astype(np.float16).astype(np.float32)


def described(examples: Examples, head: str, candidate: str, scores: dict[str, Any] | None = None) -> ModelInfo:
    """What a model that learned these examples now will say of itself; the version names head, second and examples."""
    now = datetime.now(UTC)
    return ModelInfo(
        head=head,
        version=f"{head}-{now:%Y%m%dT%H%M%S}-{examples.fingerprint[:8]}",
        created_at=now.isoformat(timespec="seconds"),
        careloop_version=careloop.__version__,
        fingerprint=examples.fingerprint,
        rows=len(examples),
        classes=dict(sorted(examples.counts.items())),
        candidate=candidate,
        scores=scores or {},
    )


def _scores(outcomes: list[Outcome]) -> dict[str, Any]:
    if not outcomes:
        return {}
    best = outcomes[0]
    return {
        "how": "cross-validation on training rows, equal texts in one fold",
        "n": len(best.held_out),
        "accuracy": round(best.accuracy, 4),
        "macro_f1": round(best.macro_f1, 4),
        "accuracy_interval": metrics.wilson(best.accuracy, len(best.held_out)),
        "tried": {
            one.name: {"accuracy": round(one.accuracy, 4), "macro_f1": round(one.macro_f1, 4)} for one in outcomes
        },
    }


def check(examples: Examples) -> None:
    """Raises UnusableExamples when there are fewer than four rows or two labels."""
    if len(examples) < 4:
        raise UnusableExamples(f"{len(examples)} labelled rows cannot teach anything; at least four are needed.")
    if len(examples.counts) < 2:
        only = next(iter(examples.counts))
        raise UnusableExamples(f"Every row carries the label “{only}”; at least two labels are needed to learn from.")
