"""Tables in, tables out: what a notebook wants. A DataFrame of pandas is read by its shape; pandas is not imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from careloop.triage.engine.classifier import classifier_from
from careloop.triage.engine.errors import UnusableExamples
from careloop.triage.engine.examples import Examples, examples_of_rows, read_examples
from careloop.triage.engine.linear import LinearModel
from careloop.triage.engine.prepare import prepare

Record = dict[str, Any]


class Frame(Protocol):
    """What of a DataFrame is used."""

    @property
    def columns(self) -> Any: ...

    def to_dict(self, orient: str) -> list[dict[Any, Any]]: ...


Source = str | Path | Frame | list[Any] | tuple[Any, ...]


def read(source: Source, text: str = "", label: str = "") -> Examples:
    """Labelled examples of a file (CSV, TSV, JSONL, plain or gzipped), a DataFrame, or a list of mappings.

    `text` may name several columns, parted by commas; without names the headers of seed A and the usual ones are
    known. Cells that are empty, None or NaN count as missing; rows without text or label are skipped and counted.
    Raises UnusableExamples with a sentence when a column is missing or no row is left.
    """
    if isinstance(source, str | Path):
        return read_examples(Path(source), text, label)
    rows: Sequence[Mapping[Any, object]] = source if isinstance(source, list | tuple) else source.to_dict("records")
    return examples_of_rows([_filled(row) for row in rows], text, label, "The table")


def predict(model: LinearModel, texts: Sequence[str] | str, reasons: int = 3) -> list[Record]:
    """For each text the likeliest label, its probability, and the words that spoke for it; ready for a DataFrame."""
    asked = [texts] if isinstance(texts, str) else [str(text) for text in texts]
    chances = model.probabilities(asked)
    best = chances.argmax(axis=1)
    return [
        {
            "text": text,
            "label": model.labels[at],
            "probability": round(float(row[at]), 4),
            "reasons": model.reasons(prepare(text).plain, model.labels[at], reasons),
        }
        for text, row, at in zip(asked, chances, best.tolist(), strict=True)
    ]


def explain(text: str, *models: LinearModel) -> list[Record]:
    """Every head of one message, by the packaged rules and tables and by these models: label, confidence, reasons."""
    if not isinstance(text, str):
        raise UnusableExamples(f"A message is a text, not {type(text).__name__}.")
    heads = classifier_from(models).predict(text)
    return [
        {
            "head": name,
            "label": "、".join(found.labels) if found.labels else found.label,
            "confidence": round(found.confidence, 4),
            "reasons": list(found.reasons),
            "by": found.version or found.source,
        }
        for name, found in heads.items()
    ]


def _filled(row: Mapping[Any, object]) -> dict[str, object]:
    """Cells that mean "nothing" in pandas (NaN, NaT, NA) as None."""
    return {str(name).strip(): None if _is_missing(value) else value for name, value in row.items()}


def _is_missing(value: object) -> bool:
    try:
        return not bool(value == value)  # noqa: PLR0124  NaN and NaT differ from themselves
    except (TypeError, ValueError):  # pandas.NA has no truth; an array has many
        return type(value).__name__ == "NAType"
