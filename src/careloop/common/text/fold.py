"""Folding for comparison: width, case and traditional Chinese, one character to one character.

`fold(text)` always has the length of `text`, so an offset found in the folded text points at the same place in
the original. That is why the map works character by character: a compatibility form (NFKC), a lower case or a
simplified form that would need two characters is left alone.
"""

import unicodedata
from pathlib import Path

_TRADITIONAL = Path(__file__).parent / "data" / "traditional.txt"


def fold(text: str) -> str:
    """The text in half width, lower case and simplified Chinese, with every offset kept.

    Folding twice changes nothing.
    """
    return text.translate(_FOLDED)


def _read_pairs(path: Path) -> dict[int, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = "".join(line for line in lines if not line.startswith("#"))
    return {ord(traditional): simplified for traditional, simplified in zip(pairs[::2], pairs[1::2], strict=True)}


class _FoldedCharacters(dict[int, str]):
    """Folds a character the first time it is met and remembers it."""

    def __missing__(self, code_point: int) -> str:
        folded = _fold_character(chr(code_point))
        self[code_point] = folded
        return folded


def _fold_character(character: str) -> str:
    for _ in range(4):  # a fixed point is reached in two steps for all of Unicode 15; the bound only guards
        step = _one_or_same(character, unicodedata.normalize("NFKC", character))
        step = _one_or_same(step, step.lower())
        step = _SIMPLIFIED.get(ord(step), step)
        if step == character:
            break
        character = step
    return character


def _one_or_same(before: str, after: str) -> str:
    return after if len(after) == 1 else before


_SIMPLIFIED = _read_pairs(_TRADITIONAL)
_FOLDED = _FoldedCharacters()
