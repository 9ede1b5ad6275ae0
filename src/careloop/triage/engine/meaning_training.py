"""Build the learned twin of the rules: `python -m careloop.triage.engine.meaning_training`.

It learns from the sentences in `data/meaning_examples`, all written by the project, and is built again when they
change; a test compares the fingerprint. The sentences that teach crises (`data/crisis_examples`) teach one thing more:
that a crisis is class D. Ridge regression on every label, rare labels weighing as much as common ones; a few seconds.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.heads import EMOTION, HANDLING_CLASS, INTENT, LABELS, NATURE, PHASE
from careloop.triage.engine.meaning import MODEL, feature_names
from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.ridge import learn, matrix

EXAMPLES = Path(__file__).parent / "data" / "meaning_examples"
CRISES = Path(__file__).parent / "data" / "crisis_examples"
CRISES_READ = ("crisis_*.tsv", "more_*.tsv")
HEADS = (NATURE, INTENT, PHASE, HANDLING_CLASS, EMOTION)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and its label of each head that it teaches."""

    text: str
    labels: dict[str, str]


def meaning_examples() -> list[Example]:
    """Every sentence that teaches the model, in a fixed order."""
    own = [example for file in sorted(EXAMPLES.glob("*.tsv")) for example in read_examples(file)]
    return own + [
        example for pattern in CRISES_READ for file in sorted(CRISES.glob(pattern)) for example in _crises(file)
    ]


def read_examples(path: Path) -> list[Example]:
    """A tab-separated file with a column a head and one named text."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Example(row["text"], {head: row[head] for head in HEADS}) for row in rows]


def _crises(path: Path) -> list[Example]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [Example(row[1], {HANDLING_CLASS: "D"}) for row in rows if len(row) == 2]


def fingerprint(examples: list[Example]) -> str:
    """Changes with every change of what is taught."""
    said = "\n".join("\t".join([*(one.labels.get(head, "") for head in HEADS), one.text]) for one in examples)
    return hashlib.sha256(said.encode()).hexdigest()


def build(examples: list[Example]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the model file."""
    found = [set(feature_names(prepare(one.text).folded)) for one in examples]
    frequency = Counter(name for names in found for name in names)
    words = sorted(frequency)
    rarity = np.array([np.log(len(examples) / frequency[word]) for word in words])
    texts = matrix(found, {word: at for at, word in enumerate(words)}, rarity)
    kernel = (texts @ texts.T).toarray()
    learned = [learn(texts, kernel, [one.labels.get(head) for one in examples], LABELS[head]) for head in HEADS]
    weights = np.hstack([part for part, _ in learned]) * rarity[:, None]
    scale = np.abs(weights).max(axis=0) / 127
    about = {"heads": {head: LABELS[head] for head in HEADS}, "fingerprint": fingerprint(examples)}
    return {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "words": np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        "rarity": rarity.astype(np.float16),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "intercept": np.concatenate([mean for _, mean in learned]).astype(np.float32),
    }


if __name__ == "__main__":
    with MODEL.open("wb") as stream:
        np.savez_compressed(stream, **build(meaning_examples()))  # type: ignore[arg-type]
