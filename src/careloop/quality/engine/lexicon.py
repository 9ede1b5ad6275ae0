"""Lexicons: what a check looks for, read from `quality/data/<name>.yaml`, both languages in one file.

Each entry lists expressions (regular expressions over folded text) with a better wording, and may say when it does
not apply: after a negation (4 characters before in Chinese, 3 words in English, domain.md §4.3), beside words
that make it harmless (`allow`, in the same sentence; `allow_reply`, anywhere), when the reply holds a concrete fact
(`unless_fact`), outside some kinds (`kinds`), in a final letter (`exempt`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from careloop.quality.engine.expressions import Expression, compile_any, read_data
from careloop.quality.engine.facts import has_fact
from careloop.quality.engine.finding import Level
from careloop.quality.engine.negation import is_negated
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.sentences import Span

FULL_WEIGHT = 2
_MARKS = " \t\n.,!?;:。~-—"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a lexicon. `weight` below 2 counts only together with others; `window` is the negation window."""

    pattern: Expression
    better: str
    level: Level
    weight: int
    window: int
    allow: Expression | None
    allow_reply: Expression | None
    unless_fact: bool
    kinds: frozenset[str]
    exempt: frozenset[str]
    scope: str

    def spans(self, reply: Reply) -> Iterator[Span]:
        """Where this row stands: anywhere, or only as a whole sentence, or only as the whole reply."""
        if self.scope == "text":
            yield from (Span(*hit.span()) for hit in self.pattern.finditer(reply.words, reply.pieces) if hit.group())
        elif self.scope == "sentence" or len(reply.sentences) == 1:
            yield from (span for span in reply.sentences if self._fills(reply.slice(span)))

    def _fills(self, sentence: str) -> bool:
        return self.pattern.fullmatch(sentence.strip(_MARKS)) is not None

    def applies_to(self, reply: Reply) -> bool:
        """Whether this row speaks about a reply of this kind at all."""
        if "final_response" in self.exempt and reply.context.final_response:
            return False
        if self.kinds and reply.kind not in self.kinds:
            return False
        return not (self.allow_reply and self.allow_reply.search(reply.words))


@dataclass(frozen=True, slots=True)
class Match:
    """One expression found in a reply."""

    entry: Entry
    start: int
    end: int


@cache
def entries(name: str, language: str) -> tuple[Entry, ...]:
    """The rows of one lexicon in one language, compiled once."""
    document = read_data(name)
    part = document[language]
    return tuple(_entry(row, part, document, language) for row in part["entries"])


def matches(name: str, reply: Reply) -> list[Match]:
    """What of this lexicon stands in the reply in earnest, in the order of the text, never overlapping.

    Light rows (weight 1) are returned only when the weights found add up to a full one.
    """
    if ("lexicon", name) not in reply.memory:
        found = sorted(_found(name, reply), key=lambda each: (each.start, -each.end))
        is_enough = sum(each.entry.weight for each in found) >= FULL_WEIGHT
        reply.memory["lexicon", name] = _not_overlapping(found) if is_enough else []
    kept: list[Match] = reply.memory["lexicon", name]
    return kept


def _found(name: str, reply: Reply) -> Iterator[Match]:
    for entry in entries(name, reply.language):
        if not entry.applies_to(reply) or (entry.unless_fact and has_fact(reply)):
            continue
        for span in entry.spans(reply):
            if not _is_harmless(entry, reply, span):
                yield Match(entry, span.start, span.end)


def _is_harmless(entry: Entry, reply: Reply, span: Span) -> bool:
    if entry.window and is_negated(reply, span.start, entry.window):
        return True
    return bool(entry.allow and entry.allow.search(reply.slice(reply.sentence_around(span.start))))


def _not_overlapping(found: list[Match]) -> list[Match]:
    kept: list[Match] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _entry(row: dict[str, Any], part: dict[str, Any], document: dict[str, Any], language: str) -> Entry:
    negatable = row.get("negatable", True)
    return Entry(
        pattern=compile_any(row["match"], language),
        better=row.get("better") or part["better"],
        level=Level(row.get("level") or document["level"]),
        weight=row.get("weight", FULL_WEIGHT),
        window=row.get("window", part["negation_window"]) if negatable else 0,
        allow=_optional(row.get("allow", ()), language),
        allow_reply=_optional(row.get("allow_reply", ()), language),
        unless_fact=row.get("unless_fact", False),
        kinds=frozenset(row.get("kinds", ())),
        exempt=frozenset(row.get("exempt", ())),
        scope=row.get("scope", "text"),
    )


def _optional(expressions: list[str] | tuple[()], language: str) -> Expression | None:
    return compile_any(expressions, language) if expressions else None
