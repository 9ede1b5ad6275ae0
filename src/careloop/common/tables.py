"""Rows of a CSV, TSV or JSON-lines file, plain or gzipped, in UTF-8 or GB18030; needs neither Django nor pandas."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from careloop.common.errors import InvalidInput

LARGEST_FIELD = 2**31 - 1


class UnreadableTable(InvalidInput):
    """The file is not there, damaged, or no table; the message is one sentence."""

    def __init__(self, message: str) -> None:
        super().__init__("unreadable_table", message)


def read_rows(path: Path) -> Iterator[dict[str, object]]:
    """Each row by the names of its columns. Raises UnreadableTable, for a bad line when that line is reached."""
    text = _decode(_bytes(path), path)
    name = path.name.removesuffix(".gz").lower()
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return _json_rows(text, path)
    return _table_rows(text, "\t" if name.endswith(".tsv") else ",", path)


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableTable(f"{path} is cut short or damaged: {error}.") from error
    except OSError as error:
        raise UnreadableTable(f"{path} cannot be read: {error.strerror or error}.") from error


def _decode(raw: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable(f"{path} is neither UTF-8 nor GB18030 text.")


def _table_rows(text: str, delimiter: str, path: Path) -> Iterator[dict[str, object]]:
    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield {str(key).strip(): value for key, value in row.items() if key is not None}
    except csv.Error as error:
        raise UnreadableTable(f"{path.name}, line {reader.line_num}: {error}.") from error


def _json_rows(text: str, path: Path) -> Iterator[dict[str, object]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UnreadableTable(f"{path.name}, line {number} is not JSON: {error}.") from error
        if not isinstance(row, dict):
            raise UnreadableTable(f"{path.name}, line {number} is not a JSON object.")
        yield row
