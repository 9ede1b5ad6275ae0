"""Build the small learned twin of the crisis rules: `python -m careloop.triage.engine.crisis_training`.

It learns from `data/crisis_examples` (their origin is in the README there) and is built again when they or the rules
change; a test compares the fingerprint. Where its score means an alarm is set in `data/crisis.yaml`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

import careloop
from careloop.triage.engine.choosing import Candidate, fit
from careloop.triage.engine.crisis import MODEL, crisis_rules
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.features import Block, FittedBlock
from careloop.triage.engine.heads import CRISIS, LABELS, NONE
from careloop.triage.engine.linear import LinearModel, ModelInfo, save
from careloop.triage.engine.prepare import prepare

EXAMPLES = Path(__file__).parent / "data" / "crisis_examples"
# A feature of one sentence alone teaches nothing that could be met again, hence two texts at least.
BLOCKS = (Block("char", 1, 3, 2), Block("word", 1, 2, 2), Block("char_wb", 2, 5, 2))


def crisis_examples() -> Examples:
    """The sentences with their signal, or "none", in both languages."""
    texts: list[str] = []
    labels: list[str] = []
    for file in sorted(EXAMPLES.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            label, _, text = line.rpartition("\t")
            texts.append(text)
            labels.append(label or NONE)
    return Examples(texts, labels)


def build(examples: Examples) -> LinearModel:
    """One class against the rest for each signal, on the texts as they are judged."""
    names = LABELS[CRISIS]
    texts = [crisis_rules().without_rejected(prepare(text)) for text in examples.texts]
    fitted = [FittedBlock.fit(texts, block) for block in BLOCKS]
    matrix = sparse.hstack([block.transform(texts) for block in fitted], format="csr")
    targets: npt.NDArray[np.int64] = np.array(
        [names.index(label) if label in names else -1 for label in examples.labels], dtype=np.int64
    )
    weights, intercept = fit(matrix, targets, len(names), Candidate(BLOCKS, 1.0, balanced=True))
    info = ModelInfo(
        head=CRISIS,
        version=f"crisis-{examples.fingerprint[:8]}",
        created_at=datetime.now(UTC).date().isoformat(),
        careloop_version=careloop.__version__,
        fingerprint=examples.fingerprint,
        rows=len(examples),
        classes=dict(sorted(examples.counts.items())),
        candidate=Candidate(BLOCKS, 1.0, balanced=True).name,
    )
    return LinearModel(fitted, weights, intercept, list(names), 1.0, info)


if __name__ == "__main__":
    save(build(crisis_examples()), MODEL)
