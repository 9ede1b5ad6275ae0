"""Take personal data out of a text before it leaves the machine.

What names a person or opens an account becomes a word that says what stood there; the same value becomes the same word,
so that the text still makes sense. Names are known only when they are given (the customer's, our colleagues'), because
guessing names in Chinese would mask half of the complaint. The shapes: e-mail addresses (RFC 5321), links, mainland
identity numbers (GB 11643-1999: 17 digits and a check character), bank cards (ISO/IEC 7812: 13 to 19 digits), phone
numbers, and any other run of five digits or more (orders, parcels, accounts, postcodes with their street).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_SHAPES = (
    ("LINK", re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；、）】]+", re.IGNORECASE)),
    ("EMAIL", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    ("ID", re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")),
    ("CARD", re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")),
    ("PHONE", re.compile(r"(?<![\dA-Za-z_-])(?:\+|00)?\d{1,4}[ -]?\(?\d{2,4}\)?(?:[ -]?\d{2,4}){2,3}(?!\d)")),
    ("HANDLE", re.compile(r"(?:(?:微信|vx|wechat|qq)(?:号|id)?[:：\s]*)([A-Za-z][\w-]{4,19}|\d{5,12})", re.IGNORECASE)),
    ("NUMBER", re.compile(r"[A-Za-z]{0,4}[-_]?\d[\dA-Za-z_-]{4,}")),
)
_SHORTEST_NAME = 2
_FEWEST_DIGITS = 5


@dataclass
class _Words:
    """The word that stands for each value, numbered by kind in the order of appearance."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, kind: str, value: str) -> str:
        number = 1 + sum(one == kind for one, _ in self.words)
        return self.words.setdefault((kind, value.casefold()), f"[{kind}_{number}]")


def mask(text: str, *, names: Iterable[str] = ()) -> str:
    """The text without addresses, numbers and the given names."""
    words = _Words()
    for kind, shape in (*_names(names), *_SHAPES):
        text = shape.sub(lambda found, kind=kind: _word(words, kind, found.group()), text)  # type: ignore[misc]
    return text


def _word(words: _Words, kind: str, value: str) -> str:
    """A model's name with a digit in it (iPhone15Pro) is no number of anybody's."""
    if kind == "NUMBER" and sum(letter.isdigit() for letter in value) < _FEWEST_DIGITS:
        return value
    return words.of(kind, value)


def _names(names: Iterable[str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Whole names first, the longest first: 王小明 before 王小."""
    known = {" ".join(name.split()) for name in names}
    for name in sorted((name for name in known if len(name) >= _SHORTEST_NAME), key=len, reverse=True):
        yield "NAME", re.compile(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", re.IGNORECASE)
