"""CSV and JSON lines, plain or gzipped, one row at a time."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from careloop.importers.mapping import Rejected, Unmappable

LONGEST_CELL = 5_000_000
csv.field_size_limit(LONGEST_CELL)

# GB18030 holds GBK and GB2312; spreadsheets in China still write it.
ENCODINGS = ("utf-8-sig", "gb18030")

Cells = dict[str, str]


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The file as text, in the first of our encodings that fits its first megabyte."""
    binary: IO[bytes] = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[assignment]  # noqa: SIM115 (closed two lines below)
    with binary:
        encoding = _encoding(binary)
        with io.TextIOWrapper(binary, encoding=encoding, errors="replace", newline="") as text:
            yield text


def _encoding(binary: IO[bytes]) -> str:
    head = binary.read(1_000_000)
    binary.seek(0)
    for encoding in ENCODINGS:
        try:
            # A cut character at the end is no proof against an encoding.
            head[: len(head) - 4 or None].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 8:
                continue
        return encoding
    return ENCODINGS[0]


def csv_header(path: Path) -> list[str]:
    with opened(path) as file:
        header = next(csv.reader(file), None)
    if not header or not any(header):
        raise Unmappable("The file is empty: it has no header line.")
    return header


def csv_rows(path: Path) -> Iterator[tuple[int, Cells | Rejected]]:
    """(line, cells), or why the line is no row."""
    with opened(path) as file:
        reader = csv.reader(file)
        header = next(reader, [])
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, Rejected(f"not a CSV row: {error}")
                continue
            if not any(cell.strip() for cell in cells):
                yield reader.line_num, Rejected("the row is empty")
            elif len(cells) > len(header):
                yield reader.line_num, Rejected(f"{len(cells)} cells under {len(header)} columns")
            else:
                yield reader.line_num, dict(zip(header, cells, strict=False))


def jsonl_header(path: Path) -> list[str]:
    for _line, cells in jsonl_rows(path):
        if isinstance(cells, dict):
            return list(cells)
    raise Unmappable("No line of the file is a JSON object.")


def jsonl_rows(path: Path) -> Iterator[tuple[int, Cells | Rejected]]:
    with opened(path) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except ValueError as error:
                yield number, Rejected(f"not JSON: {error}")
                continue
            if isinstance(found, dict):
                yield number, {str(key): "" if value is None else str(value) for key, value in found.items()}
            else:
                yield number, Rejected("not a JSON object")
