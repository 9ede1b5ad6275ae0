"""The hand-written replies and how the checks do on them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careloop.quality.engine import check_reply

CORPUS = Path(__file__).parent / "corpus"
MEASURED = (
    "blame_shifting",
    "over_promise",
    "curt_or_robotic",
    "missing_empathy",
    "missing_apology",
    "golden_rules_order",
)


@dataclass(frozen=True)
class Row:
    text: str
    expected: bool
    part: str
    kind: str


@dataclass(frozen=True)
class Score:
    rows: int
    precision: float
    recall: float


def rows(check: str, language: str) -> Iterator[Row]:
    for line in (CORPUS / f"{check}.{language}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Row(row["text"], row["expected"], row["part"], row.get("kind", ""))


def speaks(check: str, language: str, row: Row) -> bool:
    return any(found.check == check for found in check_reply(row.text, language=language, kind=row.kind))


def score(check: str, language: str, part: str) -> Score:
    chosen = [row for row in rows(check, language) if row.part == part]
    spoken = [row for row in chosen if speaks(check, language, row)]
    right = sum(row.expected for row in spoken)
    wanted = sum(row.expected for row in chosen)
    return Score(len(chosen), right / max(1, len(spoken)), right / max(1, wanted))
