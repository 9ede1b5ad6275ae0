"""Fill a written line: ``<a|b>`` picks one wording, ``<name>`` takes a slot. Imports neither Django nor us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

_INNERMOST = re.compile(r"<([^<>]*)>")


class UnknownSlot(KeyError):
    """A data file names a slot that nobody fills."""


def worded(text: str, slots: Mapping[str, str], turn: int) -> str:
    """The line with its slots filled. ``turn`` chooses among wordings, so that neighbours differ."""
    while match := _INNERMOST.search(text):
        text = text[: match.start()] + _chosen(match[1], slots, turn) + text[match.end() :]
    return text.strip()


def pick(lines: str | list[str], variant: int) -> str:
    """The line for this variant; one line serves all, and a shorter list starts again."""
    return lines if isinstance(lines, str) else lines[variant % len(lines)]


def day(moment: date, lang: str) -> str:
    """A date as people write it: 11月24日, 24 November."""
    return f"{moment.month}月{moment.day}日" if lang == "zh" else f"{moment.day} {_MONTHS[moment.month - 1]}"


def _chosen(inside: str, slots: Mapping[str, str], turn: int) -> str:
    if "|" in inside:
        wordings = inside.split("|")
        return wordings[turn % len(wordings)]
    if inside not in slots:
        raise UnknownSlot(inside)
    return slots[inside]


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
