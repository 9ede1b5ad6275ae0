"""Build the learned tables of crisis and severity: `python -m careloop.triage.engine.crisis_training`.

They learn from `data/crisis_examples` and `data/graded_examples` (their origin is in the README there) and are built
again when these or the rules change; a test compares the fingerprints. It then prints from which score a sentence
should be an alarm: above all but a few of the ordinary sentences, each judged by a table that had not seen it. Those
figures stand in `data/crisis.yaml` under `learned`.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.crisis import crisis_rules, language_of
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.heads import CRISIS, LABELS, NONE, SEVERITY
from careloop.triage.engine.meaning import feature_names
from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.ridge import learn, matrix
from careloop.triage.engine.scoring import CRISIS_LABELS, CRISIS_MODEL, SEVERITY_MODEL, unknown_square

EXAMPLES = Path(__file__).parent / "data" / "crisis_examples"
GRADED = Path(__file__).parent / "data" / "graded_examples"
QUIET_SHARE = 0.003  # of ordinary sentences that may raise one signal wrongly
FOLDS = 4
SEED = 20261122
EVERY = 3  # of the crises that all grade as severe, one in three: they would drown the rest

Numbers = npt.NDArray[np.float64]


def crisis_examples() -> Examples:
    """The sentences with their signal, or "none", in both languages."""
    rows = [(text, label) for label, text in _crisis_rows()]
    rows += [(text, signal) for _, signal, text in _graded_rows() if signal != "-"]
    return Examples([text for text, _ in rows], [label for _, label in rows])


def severity_examples() -> Examples:
    """The sentences with their severity, in both languages."""
    crises = [text for label, text in _crisis_rows() if label != NONE]
    rows = [(text, "severe") for at, text in enumerate(crises) if at % EVERY == 0]
    rows += [(text, severity) for severity, _, text in _graded_rows()]
    return Examples([text for text, _ in rows], [severity for _, severity in rows])


def build(examples: Examples, head: str, labels: Sequence[str], texts: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of one model file; `texts` are the examples as they will be judged."""
    names = [_names(text) for text in texts]
    frequency = Counter(name for found in names for name in found)
    words = sorted(frequency)
    rarity = np.array([np.log(len(texts) / frequency[word]) for word in words])
    weights, intercept = _fit(names, words, rarity, examples.labels, labels)
    scale = np.abs(weights).max(axis=0) / 127
    about = {"heads": {head: list(labels)}, "fingerprint": examples.fingerprint}
    return {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "words": np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        "rarity": rarity.astype(np.float16),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "intercept": intercept.astype(np.float32),
    }


def floors(examples: Examples, texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """For each language and signal the score that all but QUIET_SHARE of the ordinary sentences stay below."""
    held_out = _held_out([_names(text) for text in texts], examples.labels)
    language = np.array([language_of(text) for text in texts])
    quiet = np.array([label == NONE for label in examples.labels])
    return {
        code: {
            signal: round(float(np.quantile(held_out[(language == code) & quiet, column], 1 - QUIET_SHARE)), 2)
            for column, signal in enumerate(LABELS[CRISIS])
        }
        for code in ("zh", "en")
    }


def _held_out(names: list[set[str]], labels: Sequence[str]) -> Numbers:
    folds = np.random.default_rng(SEED).integers(0, FOLDS, len(names))
    scores = np.zeros((len(names), len(CRISIS_LABELS)))
    for fold in range(FOLDS):
        inside = [found for found, own in zip(names, folds, strict=True) if own != fold]
        frequency = Counter(name for found in inside for name in found)
        words = sorted(frequency)
        rarity = np.array([np.log(len(inside) / frequency[word]) for word in words])
        truth = [label for label, own in zip(labels, folds, strict=True) if own != fold]
        weights, intercept = _fit(inside, words, rarity, truth, CRISIS_LABELS)
        at = {word: row for row, word in enumerate(words)}
        for row in np.flatnonzero(folds == fold):
            rows = [at[name] for name in names[row] if name in at]
            squares = np.square(rarity[rows]).sum() + (len(names[row]) - len(rows)) * unknown_square(rarity)
            scores[row] = weights[rows].sum(axis=0) / max(squares, 1.0) ** 0.5 + intercept
    return scores


def _fit(
    names: list[set[str]], words: list[str], rarity: Numbers, truth: Sequence[str], labels: Sequence[str]
) -> tuple[Numbers, Numbers]:
    texts = matrix(names, {word: row for row, word in enumerate(words)}, rarity)
    weights, intercept = learn(texts, (texts @ texts.T).toarray(), list(truth), tuple(labels))
    return weights * rarity[:, None], intercept


def _names(text: str) -> set[str]:
    return set(feature_names(prepare(text).folded))


def _crisis_rows() -> list[tuple[str, str]]:
    rows = []
    for file in sorted(EXAMPLES.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            label, _, text = line.rpartition("\t")
            rows.append((label if label in LABELS[CRISIS] else NONE, text))
    return rows


def _graded_rows() -> list[tuple[str, str, str]]:
    """Severity, signal ("none" without one, "-" where nobody said), text."""
    rows = []
    for file in sorted(GRADED.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            severity, signal, text = line.split("\t")
            rows.append((severity, signal, text))
    return rows


def as_judged(examples: Examples) -> list[str]:
    """The texts as the crisis table sees them: figures of speech and rejected cues blanked."""
    return [crisis_rules().without_rejected(prepare(text)) for text in examples.texts]


def _write(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> None:
    with path.open("wb") as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    crises, graded = crisis_examples(), severity_examples()
    _write(CRISIS_MODEL, build(crises, CRISIS, CRISIS_LABELS, as_judged(crises)))
    _write(SEVERITY_MODEL, build(graded, SEVERITY, LABELS[SEVERITY], graded.texts))
    for code, found in floors(crises, as_judged(crises)).items():
        print(f"  {code}: {found}")
