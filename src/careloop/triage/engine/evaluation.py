"""Train on one file, judge on another: the figures by which a stranger may judge us."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from careloop.triage.engine import metrics
from careloop.triage.engine.encoder.encoder import Encoder
from careloop.triage.engine.errors import UnusableExamples
from careloop.triage.engine.examples import Examples, distinct_positions
from careloop.triage.engine.hybrid import AnyModel, HybridModel
from careloop.triage.engine.training import train_with

MOST_CONFUSED_SHOWN = 20


def evaluate(
    training: Examples, test: Examples, head: str = "label", *, encoder: Encoder | None = None
) -> dict[str, Any]:
    """Trains on `training` alone, predicts `test`, and returns the report of `judge` with the time it took to train."""
    if not test.texts:
        raise UnusableExamples("The test file holds no row with both a text and a label.")
    begun = time.perf_counter()
    model = train_with(training, head, encoder)
    seconds = time.perf_counter() - begun
    return judge(model, test, training) | {"training_seconds": round(seconds, 2)}


def judge(model: AnyModel, test: Examples, training: Examples) -> dict[str, Any]:
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
        "baselines": _baselines(training, test),
        "per_class": metrics.per_class(table, labels),
        "most_confused": _most_confused(table, labels),
        "model": _about(model),
        "remarks": _remarks(training, test),
    }


def _about(model: AnyModel) -> dict[str, Any]:
    size = sum(block.vocabulary.nbytes + block.idf.nbytes // 2 for block in model.blocks)
    size += model.dense_bytes if isinstance(model, HybridModel) else 0
    return {
        "candidate": model.info.candidate,
        "labels": len(model.labels),
        "features": int(model.weights.shape[0]),
        "megabytes": round((size + model.weights.nbytes / 2) / 1e6, 2),
        "training_fingerprint": model.info.fingerprint,
        "cross_validation": model.info.scores,
    }


def _baselines(training: Examples, test: Examples) -> dict[str, Any]:
    majority = training.counts.most_common(1)[0][0]
    share = sum(label == majority for label in test.labels) / len(test)
    return {"majority": {"label": majority, "accuracy": round(share, 4)}}


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
    tiny = [label for label, count in training.counts.items() if count < 5]
    if tiny:
        said.append(f"{len(tiny)} labels have fewer than 5 training rows.")
    for name, rows in (("training", training), ("test", test)):
        if rows.skipped:
            said.append(f"{rows.skipped} rows of the {name} file lacked a text or a label and were left out.")
    return said
