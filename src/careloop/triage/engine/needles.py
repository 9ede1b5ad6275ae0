"""Which few letters a pattern cannot match without, so that most patterns need not be tried on most texts.

Hundreds of patterns tried one by one cost a millisecond a message; most of them hold words that the message does
not. What is found here only saves time: a pattern whose needles are unknown is always tried.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]  # the only reader of patterns Python has
from typing import Any

Needles = frozenset[str]

MOST_NEEDLES = 80
LATIN_KEY = 3  # letters of a Latin needle by which it is looked up; a Chinese one goes by its first
_TELLING_MARKS = frozenset("?!$£€")  # other marks stand in nearly every text
_HAN = "\u2e80"


class Haystack:
    """Patterns by their needles: gives, for a text, the positions of those worth trying."""

    def __init__(self) -> None:
        self._always: list[int] = []
        self._by_key: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._count = 0

    @classmethod
    def of(cls, patterns: Iterable[re.Pattern[str]]) -> Haystack:
        haystack = cls()
        for pattern in patterns:
            haystack.add(pattern)
        return haystack

    def add(self, pattern: re.Pattern[str]) -> None:
        found = needles(pattern)
        if found is None:
            self._always.append(self._count)
        else:
            for needle in found:
                self._by_key[_key(needle)][needle].append(self._count)
        self._count += 1

    def worth_trying(self, text: str) -> list[int]:
        """Positions in the order in which the patterns were added."""
        keys = _keys(text)
        chosen = set(self._always)
        for key in keys & self._by_key.keys():
            for needle, positions in self._by_key[key].items():
                if needle in text:
                    chosen.update(positions)
        return sorted(chosen)


def needles(pattern: re.Pattern[str]) -> Needles | None:
    """Strings of which every match holds at least one, or None when that cannot be told."""
    if pattern.flags & re.IGNORECASE:
        return None
    found = _of_sequence(_parser.parse(pattern.pattern, pattern.flags))
    return found if found and len(found) <= MOST_NEEDLES and all(_is_telling(one) for one in found) else None


def _of_sequence(items: Iterable[Any]) -> Needles | None:
    """Of all that a match must hold one after the other, what tells most."""
    run, candidates = "", list[Needles]()
    for code, said in items:
        if code is _constants.LITERAL:
            run += chr(said)
            continue
        candidates.append(frozenset({run}))
        run = ""
        inner = _of_part(code, said)
        if inner:
            candidates.append(inner)
    candidates.append(frozenset({run}))
    told = [one for one in candidates if all(one)]
    return max(told, key=_worth, default=None)


def _of_part(code: Any, said: Any) -> Needles | None:
    if code is _constants.SUBPATTERN:
        return _of_sequence(said[-1])
    if code in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and said[0] >= 1:
        return _of_sequence(said[2])
    if code is _constants.BRANCH:
        branches = [_of_sequence(branch) for branch in said[1]]
        return None if None in branches else frozenset().union(*(one for one in branches if one is not None))
    if code is _constants.IN and all(one[0] is _constants.LITERAL for one in said):
        return frozenset(chr(value) for _, value in said)
    return None


def _worth(found: Needles) -> tuple[float, int]:
    return min(_telling(one) for one in found), -len(found)


def _telling(needle: str) -> float:
    """A Chinese character says about as much as three Latin letters."""
    return sum(LATIN_KEY if letter >= _HAN else 1 for letter in needle)


def _is_telling(needle: str) -> bool:
    return needle[0] >= _HAN or len(needle) >= LATIN_KEY or (len(needle) == 1 and needle in _TELLING_MARKS)


@lru_cache(maxsize=2)  # several lists of patterns are asked about one text
def _keys(text: str) -> set[str]:
    return {*text, *[text[at : at + LATIN_KEY] for at in range(len(text) - LATIN_KEY + 1)]}


def _key(needle: str) -> str:
    return needle[0] if needle[0] >= _HAN else needle[:LATIN_KEY]
