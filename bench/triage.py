"""Triage: texts a second of one core through rules and tables, alone and together, without a database."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.figures import percentile, ratio, table
from bench.rows import samples

TEXTS = 2_000
ROUNDS = 3


def measure(count: int = TEXTS) -> dict[str, Any]:
    """CPU time, so that the neighbours of this process count little; the best of three rounds.

    The yardstick is plain Python cutting the same texts into pairs of characters.
    """
    from careloop.triage.engine.rules import rule_classifier

    cold = time.process_time()
    classifier = rule_classifier()
    texts = [sample.first for sample in samples(count)]
    classifier.predict(texts[0])
    cold = time.process_time() - cold
    alone = [_seconds(lambda text=text: classifier.predict(text)) for text in texts]  # type: ignore[misc]
    return {
        "n": count,
        "characters": round(sum(len(text) for text in texts) / count),
        "first_s": round(cold, 2),
        "alone_per_s": round(count / sum(alone), 1),
        "alone_p95_ms": round(percentile(alone, 0.95) * 1000, 2),
        "together_per_s": round(count / _best(lambda: classifier.predict_many(texts)), 1),
        "pairs_per_s": round(count / _best(lambda: cut(texts)), 1),
    }


def show(result: dict[str, Any]) -> str:
    return table([{**result, "ratio": ratio(result["together_per_s"], result["pairs_per_s"])}])


def _best(act: Callable[[], object]) -> float:
    return min(_seconds(act) for _ in range(ROUNDS))


def _seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def cut(texts: list[str]) -> None:
    """Plain Python's pairs of characters of every text: the yardstick of whatever reads many texts."""
    for text in texts:
        {text[at : at + 2] for at in range(len(text) - 1)}
