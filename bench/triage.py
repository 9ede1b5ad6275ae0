"""Triage: texts a second through the rules, in this process, without a database."""

from __future__ import annotations

import time
from typing import Any

from bench.figures import ratio, table
from bench.rows import samples

TEXTS = 2_000


def measure(count: int = TEXTS) -> dict[str, Any]:
    """The yardstick is plain Python cutting the same texts into pairs of characters."""
    from careloop.triage.engine.classifier import understand

    texts = [sample.first for sample in samples(count)]
    understand(texts[0])
    start = time.perf_counter()
    for text in texts:
        understand(text)
    ours = time.perf_counter() - start
    return {"n": count, "texts_per_s": round(count / ours, 1), "pairs_per_s": round(count / _cut(texts), 1)}


def show(result: dict[str, Any]) -> str:
    return table([{**result, "ratio": ratio(result["texts_per_s"], result["pairs_per_s"])}])


def _cut(texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        {text[at : at + 2] for at in range(len(text) - 1)}
    return time.perf_counter() - start
