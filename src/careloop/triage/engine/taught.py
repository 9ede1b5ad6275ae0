"""The sentences that teach the learned twin, each with the labels it teaches.

All are the project's own but some questions of bank customers (see the README beside each folder). What the labels of
one head say of another is said here once: a crisis is class D, somebody who complains is not pleased.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careloop.triage.engine.heads import (
    CRISIS,
    EMOTION,
    HANDLING_CLASS,
    INTENT,
    LABELS,
    NATURE,
    NONE,
    PHASE,
    QUESTION_TYPE,
    SENTIMENT,
    SEVERITY,
    SPAM,
)

DATA = Path(__file__).parent / "data"
MEANINGS = DATA / "meaning_examples"
CRISES = DATA / "crisis_examples"
GRADED = DATA / "graded_examples"
ASPECTS = DATA / "aspect_examples"
MEANING_HEADS = (NATURE, INTENT, PHASE, HANDLING_CLASS, EMOTION)
HEADS = (CRISIS, SEVERITY, *MEANING_HEADS, SENTIMENT, QUESTION_TYPE, SPAM)
CRISIS_LABELS = (*LABELS[CRISIS], NONE)
EVERY = 3  # of the crises that all grade as severe, one in three: they would drown the rest

_UNHAPPY = frozenset({"angry", "disappointed", "distressed"})
_QUESTION_OF = {
    "how_to": "how_to", "price": "price", "comparison": "comparison", "safety": "safety", "efficacy": "efficacy",
    "order_status": "status",
}  # fmt: skip
_ASKS = re.compile(
    r"[?？吗呢么]|怎|哪|几|多少|多久|什么|是否|能不能|有没有|\b(?:how|what|when|where|which|who|why)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Taught:
    """A sentence and its label of each head that it teaches; several signals of a crisis are joined by commas."""

    text: str
    labels: dict[str, str]


def taught() -> list[Taught]:
    """Every sentence that teaches, in a fixed order."""
    return [*meanings(), *crises(), *graded(), *aspects()]


def fingerprint(examples: list[Taught]) -> str:
    """Changes with every change of what is taught."""
    said = "\n".join("\t".join([*(one.labels.get(head, "") for head in HEADS), one.text]) for one in examples)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def meanings() -> Iterator[Taught]:
    """Sentences labelled for nature, intent, phase, class and mood; feeling and question follow from these."""
    for file in sorted(MEANINGS.glob("*.tsv")):
        yield from read_meanings(file)


def read_meanings(path: Path) -> list[Taught]:
    """A tab-separated file with a column a head and one named text."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Taught(row["text"], _meaning(row["text"], {head: row[head] for head in MEANING_HEADS})) for row in rows]


def crises() -> Iterator[Taught]:
    """Sentences with one signal of a crisis, which are class D, and ordinary ones without."""
    seen = 0
    for file in sorted(CRISES.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            signal, _, text = line.rpartition("\t")
            labels = {CRISIS: signal if signal in LABELS[CRISIS] else NONE}
            if labels[CRISIS] != NONE:
                labels[HANDLING_CLASS] = "D"
                if seen % EVERY == 0:
                    labels[SEVERITY] = "severe"
                seen += 1
            yield Taught(text, labels)


def graded() -> Iterator[Taught]:
    """Sentences with a severity and their signals ("none" without one, "-" where nobody judged it)."""
    for file in sorted(GRADED.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            severity, signals, text = line.split("\t")
            labels = {SEVERITY: severity, SPAM: "no"}
            if signals != "-":
                labels[CRISIS] = signals
            if severity == "severe":
                labels[SENTIMENT] = "negative"
            yield Taught(text, labels)


def aspects() -> Iterator[Taught]:
    """Sentences that teach feeling, kind of question, or unwanted advertising: head, label and text a line."""
    for file in sorted(ASPECTS.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            head, label, text = line.split("\t")
            yield Taught(text, {head: label} if head == SPAM else {head: label, SPAM: "no"})


def _meaning(text: str, labels: dict[str, str]) -> dict[str, str]:
    labels[SPAM] = "no"
    labels[SENTIMENT] = _sentiment(labels)
    question = _QUESTION_OF.get(labels[INTENT])
    if question:
        labels[QUESTION_TYPE] = question
    elif not _ASKS.search(text):
        labels[QUESTION_TYPE] = NONE
    return labels


def _sentiment(labels: dict[str, str]) -> str:
    if labels[EMOTION] == "happy" or labels[INTENT] == "praise":
        return "positive"
    if labels[EMOTION] in _UNHAPPY or labels[INTENT] == "complaint" or labels[HANDLING_CLASS] == "D":
        return "negative"
    return "neutral"
