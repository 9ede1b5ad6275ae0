"""Find the people whom a note names with an @. Pure text; knows no table.

A person is called by their display name or by the part of their mail address before the @. Chinese runs on without
spaces, so a name is whatever known name the text goes on with, the longest first: "@陈主管请批准" names 陈主管 even
if somebody else is called 陈.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Not inside a mail address: what stands before the sign is no letter, digit or sign that addresses are made of.
_SIGN = re.compile(r"(?<![A-Za-z0-9._%+\-])[@＠](?=\S)")
# A name in Latin letters ends where its word ends; "@lin.wei" does not name lin, "@lin." does.
_GOES_ON = re.compile(r"[A-Za-z0-9_@]|[.\-][A-Za-z0-9]")
_LATIN_END = re.compile(r"[A-Za-z0-9_]$")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]+")


@dataclass(frozen=True)
class Named:
    """A stretch of the text (the sign included) and whom it names; two people of one name are both meant."""

    start: int
    end: int
    people: frozenset[int]


def handles(display_name: str, email: str) -> tuple[str, ...]:
    """What somebody can be called: the name, each half of one in two scripts (陈静 Chen Jing), the mail's name."""
    name = " ".join(_folded(display_name).split())
    halves = ("".join(_CHINESE.findall(name)), " ".join(_CHINESE.sub(" ", name).split()))
    found = (name, *(halves if all(halves) else ()), _folded(email).partition("@")[0])
    return tuple(dict.fromkeys(each for each in found if each))


def find_named(text: str, called: Mapping[int, Iterable[str]]) -> list[Named]:
    """Every place where the text names somebody, in order. ``called`` maps a person to their handles."""
    people: dict[str, set[int]] = {}
    for person, names in called.items():
        for name in names:
            people.setdefault(name, set()).add(person)
    longest_first = sorted(people, key=len, reverse=True)
    folded = _folded(text)
    found = []
    for sign in _SIGN.finditer(folded):
        called_here = next((each for each in longest_first if _stands_at(folded, sign.end(), each)), None)
        if called_here is not None:
            found.append(Named(sign.start(), sign.end() + len(called_here), frozenset(people[called_here])))
    return found


def _stands_at(text: str, place: int, name: str) -> bool:
    if not text.startswith(name, place):
        return False
    return not (_LATIN_END.search(name) and _GOES_ON.match(text, place + len(name)))


def _folded(text: str) -> str:
    """Small letters and plain spaces, character for character, so that offsets hold."""
    return "".join(_small(character) for character in text)


def _small(character: str) -> str:
    if character in "\u00a0\u3000":
        return " "
    small = character.lower()
    return small if len(small) == 1 else character
