"""Take personal data out of a text before it leaves the machine.

What names a person or opens an account becomes a word that says what stood there; the same value becomes the same word,
so that the text still makes sense. What is found, and how, says ``common.text.masking``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from careloop.common.text import masking

_KINDS = {"mail": "EMAIL"}


@dataclass
class _Words:
    """The word that stands for each value, numbered by kind in the order of appearance."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, kind: str, value: str) -> str:
        kind = _KINDS.get(kind, kind.upper())
        number = 1 + sum(one == kind for one, _ in self.words)
        return self.words.setdefault((kind, value.casefold()), f"[{kind}_{number}]")


def mask(text: str, *, names: Iterable[str] = ()) -> str:
    """The text without addresses, numbers and the given names."""
    return masking.mask(text, _Words().of, names=names)
