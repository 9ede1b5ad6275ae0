"""Labelled examples from a CSV, TSV or JSON-lines file, plain or gzipped, in UTF-8 or GB18030.

The headers of seed A are known by themselves: 投诉内容 is the text, 投诉类型 the nature, 投诉程度 the severity.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from careloop.common.tables import UnreadableTable, read_rows
from careloop.triage.engine.errors import UnusableExamples

TEXT_COLUMNS = ("投诉内容", "内容", "text", "content", "body", "message", "review", "narrative")
LABEL_COLUMNS = ("投诉类型", "投诉程度", "label", "category", "class")


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts and their labels, in file order; `skipped` counts the rows without a text or a label."""

    texts: list[str]
    labels: list[str]
    skipped: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def counts(self) -> Counter[str]:
        """How many examples each label has."""
        return Counter(self.labels)

    @property
    def fingerprint(self) -> str:
        """The same for the same rows in any order; 16 hexadecimal digits of a SHA-256."""
        rows = sorted(f"{label}\0{text}" for text, label in zip(self.texts, self.labels, strict=True))
        return hashlib.sha256("\1".join(rows).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def take(self, positions: Iterable[int]) -> Examples:
        """The examples at these positions."""
        kept = list(positions)
        return Examples([self.texts[i] for i in kept], [self.labels[i] for i in kept])


def read_examples(path: Path, text_columns: str = "", label_column: str = "") -> Examples:
    """Labelled rows of a file. Several text columns ("subject,body") are joined by a line break.

    Raises UnusableExamples with a sentence when the file cannot be read or a column is missing.
    """
    return examples_of_rows(_rows(path), text_columns, label_column, path.name)


def examples_of_rows(rows: Iterable[dict[str, object]], text_columns: str, label_column: str, called: str) -> Examples:
    """Labelled rows of a table that is read already; `called` is its name in a sentence of refusal."""
    every = iter(rows)
    first = next(every, None)
    if first is None:
        raise UnusableExamples(f"{called} holds no rows; a header line and at least two rows are needed.")
    texts_from = _text_columns(text_columns, first, called)
    label_from = _label_column(label_column, first, called)
    texts: list[str] = []
    labels: list[str] = []
    skipped = 0
    for row in _chain(first, every):
        text = _joined(row, texts_from)
        label = _cell(row.get(label_from))
        if text and label:
            texts.append(text)
            labels.append(label)
        else:
            skipped += 1
    if not texts:
        raise UnusableExamples(f"No row of {called} has both a text and a label.")
    return Examples(texts, labels, skipped)


def read_texts(path: Path, text_columns: str = "") -> list[str]:
    """The texts of a file that need not carry labels, in file order.

    Raises UnusableExamples as `read_examples` does.
    """
    rows = list(_rows(path))
    if not rows:
        raise UnusableExamples(f"{path.name} holds no rows; a header line and at least one row are needed.")
    columns = _text_columns(text_columns, rows[0], path.name)
    return [text for row in rows if (text := _joined(row, columns))]


def _joined(row: dict[str, object], columns: Sequence[str]) -> str:
    return "\n".join(part for column in columns if (part := _cell(row.get(column))))


def _text_columns(asked: str, row: dict[str, object], called: str) -> list[str]:
    names = [name.strip() for name in asked.replace("，", ",").split(",") if name.strip()]
    names = names or [name for name in TEXT_COLUMNS if name in row][:1]
    return [_present(name, row, called) for name in names] or [_present("text", row, called)]


def _label_column(asked: str, row: dict[str, object], called: str) -> str:
    known = next((name for name in LABEL_COLUMNS if name in row), "label")
    return _present(asked.strip() or known, row, called)


def _present(name: str, row: dict[str, object], called: str) -> str:
    if name in row:
        return name
    columns = ", ".join(str(column) for column in row)
    raise UnusableExamples(f"{called} has no column “{name}”; its columns are: {columns[:500]}.", column=name)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _rows(path: Path) -> Iterator[dict[str, object]]:
    try:
        yield from read_rows(path)
    except UnreadableTable as error:
        raise UnusableExamples(str(error)) from error


def _chain(first: dict[str, object], rest: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
    yield first
    yield from rest


def distinct_positions(texts: Sequence[str]) -> list[int]:
    """For each text the position of its first occurrence, so that doubles can be kept in one fold."""
    first: dict[str, int] = {}
    return [first.setdefault(" ".join(text.lower().split()), position) for position, text in enumerate(texts)]
