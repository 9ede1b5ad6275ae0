"""What a model must beat: always the commonest label, or a short list of telling words for each label."""

from __future__ import annotations

from typing import Any

import numpy as np

from careloop.triage.engine import metrics
from careloop.triage.engine.choosing import targets_of
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.features import FittedBlock
from careloop.triage.engine.spans import Block

KEYWORDS_A_LABEL = 20


def baselines(training: Examples, test: Examples) -> dict[str, Any]:
    """Accuracy and macro-F1 on the test rows of the commonest label and of keywords, both from the training rows."""
    majority = training.counts.most_common(1)[0][0]
    return {
        "majority": {"label": majority} | _scores([majority] * len(test), test),
        "keywords": {"words_a_label": KEYWORDS_A_LABEL} | _scores(by_keywords(training, test.texts), test),
    }


def by_keywords(training: Examples, texts: list[str]) -> list[str]:
    """The label with most of its words (Chinese: characters and pairs of them) in the text; the commoner in a tie.

    A label's words are those that its own texts hold more often than all others, by the widest difference.
    """
    fitted = FittedBlock.fit(training.texts, Block("word", 1, 2, 2))
    held = fitted.transform(training.texts) > 0
    labels = sorted(training.counts)
    targets = targets_of(training.labels, labels)
    telling = np.zeros((len(fitted.vocabulary), len(labels)), dtype=np.float32)
    for column in range(len(labels)):
        own = targets == column
        lead = _share(held[own]) - _share(held[~own])
        best = np.argsort(-lead, kind="stable")[:KEYWORDS_A_LABEL]
        telling[best[lead[best] > 0], column] = 1
    often = np.array([training.counts[label] for label in labels]) / len(training)
    hits = np.asarray((fitted.transform(texts) > 0).astype(np.float32) @ telling) + often * 0.5
    return [labels[i] for i in hits.argmax(axis=1)]


def _share(held: Any) -> Any:
    return np.asarray(held.mean(axis=0)).ravel() if held.shape[0] else np.zeros(held.shape[1])


def _scores(predicted: list[str], test: Examples) -> dict[str, float]:
    table = metrics.confusion(test.labels, predicted, sorted({*predicted, *test.labels}))
    return {"accuracy": round(metrics.accuracy(table), 4), "macro_f1": round(metrics.macro_f1(table), 4)}
