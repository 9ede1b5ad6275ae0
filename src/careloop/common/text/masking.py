"""Find in a text what tells who somebody is, and put something else in its place. Knows no table.

Known names are found exactly, the rest by its shape: e-mail addresses (RFC 5321), links, street addresses, mainland
identity numbers (GB 11643-1999: 17 digits and a check character), bank cards (ISO/IEC 7812: 13 to 19 digits), phone
numbers, the names of messengers, and any other long run of digits (orders, parcels, accounts). A name nobody gave or
introduced is not seen: guessing names in Chinese would mask half of a complaint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

Say = Callable[[str, str], str]
"""What stands in the place of a value of this kind: ``name link mail address id card phone handle number``."""

FEWEST_DIGITS = 5
_SHORTEST_NAME = 2
_SHAPES = (
    ("link", re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；、）】]+", re.IGNORECASE)),
    ("mail", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    (
        "address",
        re.compile(
            r"(?:[\u4e00-\u9fff]{2,6}[省市区县])*[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄)\s?\d+\s?[号弄][\d\w\u4e00-\u9fff-]{0,20}"
            r"|(?<!\d)\d{1,5}[A-Za-z]? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court)\b"
        ),
    ),
    ("id", re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")),
    ("card", re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")),
    ("phone", re.compile(r"(?<![\dA-Za-z_-])(?:\+|00)?\d{1,4}[ -]?\(?\d{2,4}\)?(?:[ -]?\d{2,4}){2,3}(?!\d)")),
    ("handle", re.compile(r"(?:(?:微信|vx|wechat|qq)(?:号|id)?[:：\s]*)([A-Za-z][\w-]{4,19}|\d{5,12})", re.IGNORECASE)),
    ("number", re.compile(r"[A-Za-z]{0,4}[-_]?\d[\dA-Za-z_-]{4,}")),
    ("number", re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{0,4}[-#]?\+?\d(?:[ -]?\d){5,}[A-Za-z]?(?![A-Za-z0-9])")),
)
_REFERENCE = re.compile(r"\bCL-\d{4,}\b", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"((?:我叫|我的名字叫|收件人(?:是|：|:)?|联系人(?:是|：|:)?)\s*)([\u4e00-\u9fff·]{2,4})"
    r"|((?:[Mm]y name is|[Tt]his is|[Rr]egards,|[Bb]est,|[Cc]heers,|[Tt]hanks,)\s+)([A-Z][a-z]+(?: [A-Z][a-z]+)?)"
)


def mask(
    text: str,
    say: Say,
    *,
    names: Iterable[str] = (),
    fewest_digits: int = FEWEST_DIGITS,
    exact_case: bool = False,
    introduced: bool = False,
) -> str:
    """The text with ``say(kind, value)`` in the place of each thing that tells who somebody is.

    ``names`` are taken out wherever they stand; with ``exact_case`` only as written, so that Will is not will. A
    number counts from ``fewest_digits`` digits on. ``introduced``: also what somebody gives for their own name.
    """
    for pattern in _names(names, exact_case=exact_case):
        text = pattern.sub(lambda found: say("name", found.group()), text)
    text = _REFERENCE.sub(lambda found: say("number", found.group()), text)
    for kind, shape in _SHAPES:
        text = shape.sub(lambda found, kind=kind: _said(say, kind, found.group(), fewest_digits), text)  # type: ignore[misc]
    if introduced:
        text = _INTRODUCED.sub(lambda found: _introduced(say, found), text)
    return text


def _said(say: Say, kind: str, value: str, fewest_digits: int) -> str:
    """A model's name with a digit in it (iPhone15Pro) is no number of anybody's."""
    if kind == "number" and sum(letter.isdigit() for letter in value) < fewest_digits:
        return value
    return say(kind, value)


def _introduced(say: Say, found: re.Match[str]) -> str:
    before, name = (found[1], found[2]) if found[1] else (found[3], found[4])
    return before + say("name", name)


def _names(names: Iterable[str], *, exact_case: bool) -> Iterator[re.Pattern[str]]:
    """Whole names first, the longest first: 王小明 before 王小."""
    known = {" ".join(name.split()) for name in names}
    for name in sorted((name for name in known if len(name) >= _SHORTEST_NAME), key=len, reverse=True):
        yield re.compile(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", re.NOFLAG if exact_case else re.IGNORECASE)
