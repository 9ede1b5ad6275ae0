"""A linear model and a sentence encoder together: the words weigh, and so does what a text means.

The scores of the linear model are added to those of a kernel regression on sentence vectors, in shares chosen on
held-out rows (`joining`). A hybrid's file is the file of its linear model with a few arrays more, so where the encoder
is missing the linear part answers alone. Those arrays are vectors of training texts: treat such a file as you treat
the texts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from careloop.triage.engine import linear
from careloop.triage.engine.encoder.encoder import Encoder
from careloop.triage.engine.errors import UnreadableModel
from careloop.triage.engine.features import FittedBlock
from careloop.triage.engine.kernel import Kernel, KernelModel
from careloop.triage.engine.linear import LinearModel, ModelInfo, Scores, softmax


@dataclass(frozen=True, slots=True)
class HybridModel:
    """Answers like a LinearModel. `words` and `meaning` are the factors on the scores of its two parts."""

    linear: LinearModel
    dense: KernelModel
    encoder: Encoder
    words: float
    meaning: float
    temperature: float

    @property
    def source(self) -> str:
        """What an answer is said to come from: the words alone where the encoder has no share."""
        return "hybrid" if self.meaning else self.linear.source

    @property
    def labels(self) -> list[str]:
        return self.linear.labels

    @property
    def info(self) -> ModelInfo:
        return self.linear.info

    @property
    def blocks(self) -> list[FittedBlock]:
        return self.linear.blocks

    @property
    def weights(self) -> npt.NDArray[np.float32]:
        return self.linear.weights

    @property
    def features(self) -> int:
        return self.linear.features

    @property
    def megabytes(self) -> float:
        return round(self.linear.megabytes + self.dense_bytes / 1e6, 2)

    @property
    def dense_bytes(self) -> int:
        """What the encoder's part adds to the file, before it is packed."""
        return 2 * (self.dense.rows.size + self.dense.votes.size)

    def decision(self, texts: Sequence[str]) -> Scores:
        """One row a text, one column a label, the largest wins."""
        scores = self.words * self.linear.decision(texts)
        if self.meaning:
            scores += self.meaning * self.dense.decision(self.encoder.vectors(texts))
        return scores

    def probabilities(self, texts: Sequence[str]) -> Scores:
        """One row a text, one column a label; rows sum to one."""
        return softmax(self.decision(texts) * self.temperature)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text."""
        return [self.labels[at] for at in self.decision(texts).argmax(axis=1)]

    def reasons(self, text: str, label: str, limit: int = 3) -> list[str]:
        """The words of the linear part; vectors give none."""
        return self.linear.reasons(text, label, limit)


AnyModel = LinearModel | HybridModel


def save(model: AnyModel, path: Path) -> None:
    """Writes a linear model's file, with the encoder's part in it where there is one."""
    if isinstance(model, LinearModel):
        linear.save(model, path)
        return
    about = {
        "encoder": model.encoder.fingerprint,
        "encoder_name": model.encoder.name,
        "narrowness": model.dense.kernel.narrowness,
        "ridge": model.dense.kernel.ridge,
        "words": model.words,
        "meaning": model.meaning,
        "temperature": model.temperature,
    }
    arrays: dict[str, Any] = linear.arrays_of(model.linear) | {
        "hybrid": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "hybrid_rows": model.dense.rows.astype(np.float16),
        "hybrid_votes": model.dense.votes.astype(np.float16),
        "hybrid_offset": model.dense.offset.astype(np.float32),
    }
    linear.write(arrays, path)


def load(path: Path, encoder: Encoder | None = None, stream: BinaryIO | None = None) -> AnyModel:
    """The model of a file; of a hybrid the linear part when its own encoder is not the one given.

    With `stream` the file's bytes are read from there, and the path only names it.
    """
    model = linear.load(path, stream)
    if encoder is None:
        return model
    if stream is not None:
        stream.seek(0)
    try:
        with np.load(stream or path, allow_pickle=False) as arrays:
            if "hybrid" not in arrays.files:
                return model
            about = json.loads(arrays["hybrid"].tobytes())
            return _joined(model, arrays, about, encoder) if about["encoder"] == encoder.fingerprint else model
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableModel(f"{path} is damaged; train it again with careloop triage train.") from error


def encoder_wanted(path: Path) -> tuple[str, str] | None:
    """Fingerprint and name of the encoder a model was trained with; nothing for one of words alone."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(arrays["hybrid"].tobytes())
            return str(about["encoder"]), str(about["encoder_name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _joined(model: LinearModel, arrays: Any, about: dict[str, Any], encoder: Encoder) -> HybridModel:
    rows, votes = arrays["hybrid_rows"].astype(np.float32), arrays["hybrid_votes"].astype(np.float32)
    offset = arrays["hybrid_offset"]
    if votes.shape != (len(rows), len(model.labels)) or offset.shape != (len(model.labels),):
        raise ValueError("vectors and votes do not belong together")
    dense = KernelModel(Kernel(float(about["narrowness"]), float(about["ridge"])), rows, votes, offset)
    factors = (float(about[name]) for name in ("words", "meaning", "temperature"))
    return HybridModel(model, dense, encoder, *factors)
