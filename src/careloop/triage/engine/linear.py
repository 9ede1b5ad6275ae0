"""A trained linear model: TF-IDF features times a table of weights, with numpy and scipy alone.

A model is kept in one file of plain arrays (npz) beside a JSON description; nothing in it can run code and nothing
in it is a customer's word. Weights are stored as float16, which changed no figure in `docs/measurements/triage.md`.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.errors import OtherModelVersion, UnreadableModel
from careloop.triage.engine.features import FittedBlock, chunks, consecutive, spans_of
from careloop.triage.engine.spans import Block

FORMAT = "careloop-linear"
FORMAT_VERSION = 2

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model learned from, how it was chosen, and how well it did on rows it had not seen."""

    head: str
    version: str
    created_at: str
    careloop_version: str
    fingerprint: str
    rows: int
    classes: dict[str, int]
    candidate: str
    scores: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Features, weights (one row a feature, one column a label; one column alone for two labels), and a temperature."""

    blocks: list[FittedBlock]
    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float32]
    labels: list[str]
    temperature: float
    info: ModelInfo

    @property
    def source(self) -> str:
        """What an answer of this model is said to come from."""
        return "linear"

    def decision(self, texts: Sequence[str]) -> Scores:
        """One row a text, one column a label: signed distances, the largest wins."""
        edges = consecutive(self.blocks)
        rows: list[Scores] = []
        for piece in chunks(texts):
            parts = [
                block.transform_chunks([piece]) @ self.weights[low:high]
                for block, (low, high) in zip(self.blocks, edges, strict=True)
            ]
            rows.append(np.sum(parts, axis=0) + self.intercept)
        if not rows:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        return both_sides(np.concatenate(rows))

    def probabilities(self, texts: Sequence[str]) -> Scores:
        """One row a text, one column a label; rows sum to one."""
        return softmax(self.decision(texts) * self.temperature)

    @property
    def features(self) -> int:
        """How many spans the model knows."""
        return int(self.weights.shape[0])

    @property
    def megabytes(self) -> float:
        """What its file holds before it is compressed."""
        size = sum(block.vocabulary.nbytes + block.idf.nbytes // 2 for block in self.blocks)
        return round((size + self.weights.nbytes / 2) / 1e6, 2)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text."""
        return [self.labels[i] for i in self.decision(texts).argmax(axis=1)]

    def reasons(self, text: str, label: str, limit: int = 3) -> list[str]:
        """The words or characters of this text that spoke most for the label, strongest first.

        Pairs are left out: what lies between two words of a pair did not speak.
        """
        column, sign = self._column_of(label)
        found: dict[str, float] = {}
        for block, (low, _) in zip(self.blocks, consecutive(self.blocks), strict=True):
            if block.block.kind == "pair":
                continue
            for words, at in spans_of(text, block):
                if len(words) > 1:
                    found[words] = found.get(words, 0.0) + sign * float(self.weights[low + at, column] * block.idf[at])
        return _without_overlap(sorted(found.items(), key=lambda pair: -pair[1]), limit)

    def _column_of(self, label: str) -> tuple[int, float]:
        at = self.labels.index(label)
        return (at, 1.0) if self.weights.shape[1] > 1 else (0, 1.0 if at == 1 else -1.0)


def both_sides(decision: Scores) -> Scores:
    """A single column (two labels) as two columns of opposite sign."""
    return np.hstack([-decision, decision]) if decision.shape[1] == 1 else decision


def softmax(scores: Scores) -> Scores:
    """Rows of probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def save(model: LinearModel, path: Path) -> None:
    """Writes the model into one file."""
    write(arrays_of(model), path)


def write(arrays: dict[str, Any], path: Path) -> None:
    """Writes arrays beside their final place and renames them, so that no reader sees half a file."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    unfinished.replace(path)


def arrays_of(model: LinearModel) -> dict[str, Any]:
    """What is kept of a model: its description as JSON in bytes, and plain tables."""
    description = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "labels": model.labels,
        "temperature": model.temperature,
        "blocks": [asdict(fitted.block) for fitted in model.blocks],
        "info": asdict(model.info),
    }
    arrays: dict[str, Any] = {
        "description": np.frombuffer(json.dumps(description, ensure_ascii=False).encode(), dtype=np.uint8),
        "weights": model.weights.astype(np.float16),
        "intercept": model.intercept.astype(np.float32),
    }
    for number, fitted in enumerate(model.blocks):
        arrays[f"vocabulary_{number}"] = fitted.vocabulary
        arrays[f"idf_{number}"] = fitted.idf.astype(np.float16)
    return arrays


def load(path: Path, stream: BinaryIO | None = None) -> LinearModel:
    """The model of a file, or of its bytes where they were read (and verified) already.

    Raises UnreadableModel or OtherModelVersion with a sentence that says what to do.
    """
    with _read_arrays(path, stream) as arrays:
        return _from_arrays({name: arrays[name] for name in arrays.files}, path)


def check_format(path: Path, stream: BinaryIO) -> None:
    """Whether this Careloop reads the file at all, by its description alone: a large model costs no more than a small.

    Raises UnreadableModel or OtherModelVersion as `load` does.
    """
    with _read_arrays(path, stream) as arrays:
        _description(arrays["description"], path)


@contextmanager
def _read_arrays(path: Path, stream: BinaryIO | None) -> Iterator[Any]:
    try:
        with np.load(stream or path, allow_pickle=False) as arrays:
            yield arrays
    except OSError as error:
        raise UnreadableModel(f"The model {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        message = f"{path} is not a Careloop model, or it is damaged; train it again with careloop triage train."
        raise UnreadableModel(message) from error


def _description(raw: npt.NDArray[Any], path: Path) -> dict[str, Any]:
    description: dict[str, Any] = json.loads(raw.tobytes())
    if description["format"] != FORMAT:
        raise UnreadableModel(f"{path} is not a Careloop model.")
    if description["format_version"] != FORMAT_VERSION:
        raise OtherModelVersion(
            f"{path} has model format {description['format_version']}, this Careloop reads {FORMAT_VERSION};"
            " train it again with careloop triage train."
        )
    return description


def _from_arrays(arrays: dict[str, npt.NDArray[Any]], path: Path) -> LinearModel:
    description = _description(arrays["description"], path)
    blocks = [
        FittedBlock(Block(**one), arrays[f"vocabulary_{number}"], arrays[f"idf_{number}"].astype(np.float32))
        for number, one in enumerate(description["blocks"])
    ]
    model = LinearModel(
        blocks,
        arrays["weights"].astype(np.float32),
        arrays["intercept"].astype(np.float32),
        [str(label) for label in description["labels"]],
        float(description["temperature"]),
        ModelInfo(**description["info"]),
    )
    _check_shapes(model)
    return model


def _check_shapes(model: LinearModel) -> None:
    features = sum(len(block.vocabulary) for block in model.blocks)
    columns = 1 if len(model.labels) == 2 else len(model.labels)
    if model.weights.shape != (features, columns) or model.intercept.shape != (columns,):
        raise ValueError("weights and vocabulary do not belong together")
    if any(len(block.idf) != len(block.vocabulary) for block in model.blocks):
        raise ValueError("vocabulary and its weights do not belong together")


def _without_overlap(ranked: list[tuple[str, float]], limit: int) -> list[str]:
    chosen: list[str] = []
    for words, weight in ranked:
        if weight <= 0 or len(chosen) == limit:
            break
        if not any(words in other or other in words for other in chosen):
            chosen.append(words)
    return chosen
