"""Where sentences and clauses of a folded text begin and end, in both languages."""

import re
from typing import NamedTuple

# A full stop ends a sentence only before a blank or the end, so that 3.5 and e.g.com stay whole.
_SENTENCE_END = re.compile(r"[。!?;…]+[\"”」』)]*|\.+[\"”)]*(?=\s|$)|\.(?=[\u4e00-\u9fff])|\n+|~+(?=\s|$)")
_CLAUSE_END = re.compile(r"[,，、:](?!\d)|\s[-–—]+\s|——|—")


class Span(NamedTuple):
    """The characters [start, end) of a text."""

    start: int
    end: int


def split_sentences(words: str) -> tuple[Span, ...]:
    """The sentences with anything in them, without the white space around them."""
    return _split(words, Span(0, len(words)), _SENTENCE_END)


def split_clauses(words: str, sentence: Span) -> tuple[Span, ...]:
    """The clauses of one sentence."""
    return _split(words, sentence, _CLAUSE_END)


def _split(words: str, whole: Span, end_mark: re.Pattern[str]) -> tuple[Span, ...]:
    spans = []
    start = whole.start
    for mark in end_mark.finditer(words, whole.start, whole.end):
        spans.append(_trimmed(words, start, mark.end()))
        start = mark.end()
    spans.append(_trimmed(words, start, whole.end))
    return tuple(span for span in spans if any(each.isalnum() for each in words[span.start : span.end]))


def _trimmed(words: str, start: int, end: int) -> Span:
    inside = words[start:end]
    return Span(start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip()))
