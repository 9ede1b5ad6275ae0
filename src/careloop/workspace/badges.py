"""A small coloured word: text and the name of its colour in the stylesheet."""

from __future__ import annotations

from typing import NamedTuple


class Badge(NamedTuple):
    label: str
    tone: str = ""
