"""Expressions of the data files: regular expressions with named word groups, over folded text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import yaml

from careloop.quality.engine.necessary import Need, necessary

DATA = Path(__file__).parent.parent / "data"
# An escape, a set of characters, a bracket or a bar.
_MARK = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]")
_GROUP = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the expressions read as one, and what it cannot do without."""

    number: int
    pattern: re.Pattern[str]
    needs: tuple[Need, ...]


_NUMBER_OF = attrgetter("number")


@dataclass(frozen=True, slots=True)
class Expression:
    """Many expressions read as one: the leftmost match counts, of two at one place the one listed first.

    `by_piece` finds each by a piece it cannot do without, so that on a given text only a few are tried; `always` has
    no such piece.
    """

    whole: re.Pattern[str]
    always: tuple["Branch", ...]
    by_piece: dict[str, tuple["Branch", ...]]
    seen_by: frozenset[str]

    @classmethod
    def of(cls, whole: str, branches: Sequence[str]) -> "Expression":
        """From the one expression and its branches, in their order."""
        listed = [Branch(number, re.compile(each), necessary(each)) for number, each in enumerate(branches)]
        by_piece: dict[str, tuple[Branch, ...]] = {}
        for branch in listed:
            for piece in branch.needs[0] if branch.needs else ():
                by_piece[piece] = (*by_piece.get(piece, ()), branch)
        always = tuple(branch for branch in listed if not branch.needs)
        return cls(re.compile(whole), always, by_piece, frozenset(by_piece))

    def search(self, words: str) -> re.Match[str] | None:
        """The first match in a short text, where choosing among the branches would cost more than it saves."""
        return self.whole.search(words)

    def fullmatch(self, words: str) -> re.Match[str] | None:
        """A match that takes in the whole text."""
        return self.whole.fullmatch(words)

    def _possible(self, known: frozenset[str]) -> Sequence["Branch"]:
        found = self.seen_by & known
        if not found:
            return self.always
        seen = {branch.number: branch for piece in found for branch in self.by_piece[piece]}
        likely = [each for each in seen.values() if not any(need.isdisjoint(known) for need in each.needs[1:])]
        return sorted([*self.always, *likely], key=_NUMBER_OF)

    def finditer(self, words: str, known: frozenset[str]) -> Iterator[re.Match[str]]:
        """The matches one after the other, none touching another. `known` are the `pieces` of the text."""
        ahead = [(hit, each.pattern) for each in self._possible(known) if (hit := each.pattern.search(words))]
        while ahead:
            first = min((hit for hit, _ in ahead), key=re.Match.start)
            yield first
            place = first.end() if first.end() > first.start() else first.end() + 1
            ahead = list(_moved(ahead, words, place))


def _moved(
    ahead: list[tuple[re.Match[str], re.Pattern[str]]], words: str, place: int
) -> Iterator[tuple[re.Match[str], re.Pattern[str]]]:
    for hit, pattern in ahead:
        later = hit if hit.start() >= place else pattern.search(words, place)
        if later:
            yield later, pattern


def compile_any(expressions: Sequence[str], language: str) -> Expression:
    """One expression that finds any of these: word groups filled in, blanks elastic, whole words in English."""
    return _compiled(tuple(expressions), language)


@cache
def _compiled(expressions: tuple[str, ...], language: str) -> Expression:
    filled = _GROUP.sub(lambda name: f"(?:{word_groups(language)[name.group(1)]})", "|".join(expressions))
    branches = [_whole_words(branch, language) for branch in _top_branches(filled)]
    return Expression.of(_whole_words(filled, language), branches)


def _whole_words(expression: str, language: str) -> str:
    return rf"(?<!\w)(?:{_elastic(expression)})(?!\w)" if language == "en" else expression


def _top_branches(expression: str) -> list[str]:
    """The expression cut at every bar that stands in no bracket."""
    branches, depth, start = [], 0, 0
    for mark in _MARK.finditer(expression):
        if mark.group() == "(":
            depth += 1
        elif mark.group() == ")":
            depth -= 1
        elif mark.group() == "|" and depth == 0:
            branches.append(expression[start : mark.start()])
            start = mark.end()
    return [*branches, expression[start:]]


@cache
def word_groups(language: str) -> dict[str, str]:
    """The groups of words that expressions refer to as <name>; a group may use the ones above it."""
    groups: dict[str, str] = {}
    for name, words in read_data("words")[language].items():
        groups[name] = _GROUP.sub(lambda inner: f"(?:{groups[inner.group(1)]})", "|".join(words))
    return groups


@cache
def read_data(name: str) -> dict[str, Any]:
    """One data file of this room."""
    document: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return document


def _elastic(expression: str) -> str:
    return expression.replace(" ", r"\s+")
