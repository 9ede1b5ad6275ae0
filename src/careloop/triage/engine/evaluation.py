"""Train on one file, judge on another: the figures by which a stranger may judge us."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from careloop.triage.engine import metrics
from careloop.triage.engine.baselines import baselines
from careloop.triage.engine.choosing import assign_folds
from careloop.triage.engine.encoder.encoder import Encoder
from careloop.triage.engine.errors import UnusableExamples
from careloop.triage.engine.examples import Examples, distinct_positions
from careloop.triage.engine.recipes import DEFAULT, Predictor, learn_by

MOST_CONFUSED_SHOWN = 20
UNEVEN = 10
FEWEST_TO_SPLIT = 10


def evaluate(
    training: Examples, test: Examples, head: str = "label", recipe: str = DEFAULT, *, encoder: Encoder | None = None
) -> dict[str, Any]:
    """Trains on `training` alone, predicts `test`, and returns the report of `judge` with the time it took to train."""
    if not test.texts:
        raise UnusableExamples("The test file holds no row with both a text and a label.")
    begun = time.perf_counter()
    model = learn_by(recipe, training, head, encoder)
    seconds = time.perf_counter() - begun
    return judge(model, test, training) | {"recipe": recipe, "training_seconds": round(seconds, 2)}


def split(examples: Examples) -> tuple[Examples, Examples]:
    """Four rows in five to learn from, one to be judged on (seed A): seed 42, labels spread, equal texts together."""
    if len(examples) < FEWEST_TO_SPLIT:
        raise UnusableExamples(f"{len(examples)} rows are too few to hold one in five out; name a file with --test.")
    folds = assign_folds(examples, 5)
    return examples.take(np.flatnonzero(folds != 0)), examples.take(np.flatnonzero(folds == 0))


def judge(model: Predictor, test: Examples, training: Examples) -> dict[str, Any]:
    """Scores of a model on rows it was not trained on; every figure is over n_test rows unless it says otherwise."""
    model.probabilities(test.texts[:8])  # first use imports and allocates; not part of the speed
    begun = time.perf_counter()
    probabilities = model.probabilities(test.texts)
    seconds = time.perf_counter() - begun
    predicted = [model.labels[i] for i in probabilities.argmax(axis=1)]
    labels = sorted({*model.labels, *test.labels})
    table = metrics.confusion(test.labels, predicted, labels)
    right = np.array([a == b for a, b in zip(test.labels, predicted, strict=True)])
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
        "remarks": _remarks(training, test),
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


def _remarks(training: Examples, test: Examples) -> list[str]:
    """What a reader should know before believing the figures."""
    said: list[str] = []
    seen = {" ".join(text.lower().split()) for text in training.texts}
    doubled = sum(" ".join(text.lower().split()) in seen for text in test.texts)
    if doubled:
        said.append(f"{doubled} of {len(test)} test texts also occur in the training file.")
    repeated = len(training) - len(set(distinct_positions(training.texts)))
    if repeated:
        said.append(f"{repeated} of {len(training)} training texts occur more than once; doubles shared a fold.")
    unknown = sorted(set(test.labels) - set(training.labels))
    if unknown:
        said.append(f"Labels of the test file that the training file does not have: {', '.join(unknown[:10])}.")
    said += _uneven(training)
    tiny = [label for label, count in training.counts.items() if count < 5]
    if tiny:
        said.append(f"{len(tiny)} labels have fewer than 5 training rows.")
    for name, rows in (("training", training), ("test", test)):
        if rows.skipped:
            said.append(f"{rows.skipped} rows of the {name} file lacked a text or a label and were left out.")
    return said


def _uneven(training: Examples) -> list[str]:
    said = []
    (most, many), *_, (least, few) = training.counts.most_common()
    if many >= UNEVEN * few:
        said.append(f"“{most}” has {many} training rows and “{least}” {few}; look at macro-F1, not at accuracy alone.")
    labels: dict[int, set[str]] = {}
    for first, label in zip(distinct_positions(training.texts), training.labels, strict=True):
        labels.setdefault(first, set()).add(label)
    torn = sum(len(own) > 1 for own in labels.values())
    if torn:
        said.append(f"{torn} training texts occur with more than one label.")
    return said
