"""Train on one file, judge on another: the figures by which a stranger may judge us."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from careloop.triage.engine import metrics
from careloop.triage.engine.baselines import baselines
from careloop.triage.engine.choosing import assign_folds
from careloop.triage.engine.encoder.encoder import Encoder
from careloop.triage.engine.errors import UnusableExamples
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.recipes import DEFAULT, Predictor, learn_by
from careloop.triage.engine.remarks import plain, remarks_on, said

MOST_CONFUSED_SHOWN = 20
FEWEST_TO_SPLIT = 10


def evaluate(
    training: Examples,
    test: Examples,
    head: str = "label",
    recipe: str = DEFAULT,
    *,
    encoder: Encoder | None = None,
    unlabelled: Sequence[str] = (),
) -> dict[str, Any]:
    """Trains on `training` alone, predicts `test`, and returns the report of `judge` with the time it took to train.

    `unlabelled` texts may be learned from too; those that stand in the test file are not.
    """
    if not test.texts:
        raise UnusableExamples("The test file holds no row with both a text and a label.")
    tested = {plain(text) for text in test.texts}
    others = [text for text in unlabelled if plain(text) not in tested]
    begun = time.perf_counter()
    model = learn_by(recipe, training, head, encoder, others)
    seconds = time.perf_counter() - begun
    report = judge(model, test, training, unlabelled_left_out=len(unlabelled) - len(others))
    return report | {"recipe": recipe, "training_seconds": round(seconds, 2)}


def split(examples: Examples) -> tuple[Examples, Examples]:
    """Four rows in five to learn from, one to be judged on (seed A): seed 42, labels spread, equal texts together."""
    if len(examples) < FEWEST_TO_SPLIT:
        raise UnusableExamples(f"{len(examples)} rows are too few to hold one in five out; name a file with --test.")
    folds = assign_folds(examples, 5)
    return examples.take(np.flatnonzero(folds != 0)), examples.take(np.flatnonzero(folds == 0))


def judge(model: Predictor, test: Examples, training: Examples, *, unlabelled_left_out: int = 0) -> dict[str, Any]:
    """Scores of a model on rows it was not trained on; every figure is over n_test rows unless it says otherwise."""
    model.probabilities(test.texts[:8])  # first use imports and allocates; not part of the speed
    begun = time.perf_counter()
    probabilities = model.probabilities(test.texts)
    seconds = time.perf_counter() - begun
    predicted = [model.labels[i] for i in probabilities.argmax(axis=1)]
    labels = sorted({*model.labels, *test.labels})
    table = metrics.confusion(test.labels, predicted, labels)
    right = np.array([a == b for a, b in zip(test.labels, predicted, strict=True)])
    remarks = remarks_on(training, test, unlabelled_left_out)
    known = {label: position for position, label in enumerate(model.labels)}
    return {
        "accuracy": round(metrics.accuracy(table), 4),
        "macro_f1": round(metrics.macro_f1(table), 4),
        "n_test": len(test),
        "texts_per_second": round(len(test) / max(seconds, 1e-9), 1),
        "n_train": len(training),
        "accuracy_interval": metrics.wilson(metrics.accuracy(table), len(test)),
        "macro_f1_interval": metrics.macro_f1_interval(table),
        "calibration": metrics.calibration(probabilities, right)
        | {"brier": metrics.brier(probabilities, [known.get(label, -1) for label in test.labels])},
        "reliability": metrics.reliability(probabilities, right),
        "baselines": baselines(training, test),
        "per_class": metrics.per_class(table, labels),
        "confusion": {"labels": labels, "rows": table.tolist()},
        "most_confused": _most_confused(table, labels),
        "model": _about(model),
        "remarks": [said(remark, "en") for remark in remarks],
        "remarks_as_data": remarks,
    }


def _about(model: Predictor) -> dict[str, Any]:
    return {
        "candidate": model.info.candidate,
        "labels": len(model.labels),
        "features": model.features,
        "megabytes": model.megabytes,
        "training_fingerprint": model.info.fingerprint,
        "cross_validation": model.info.scores,
    }


def _most_confused(table: metrics.Table, labels: list[str]) -> list[dict[str, Any]]:
    off = table.copy()
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:MOST_CONFUSED_SHOWN]
    pairs = [divmod(int(cell), len(labels)) for cell in order]
    return [
        {"truth": labels[row], "predicted": labels[column], "count": int(off[row, column])}
        for row, column in pairs
        if off[row, column] > 0
    ]
