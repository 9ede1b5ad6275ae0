"""A small coloured word: text and the name of its colour in the stylesheet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Badge:
    label: str
    tone: str = ""
