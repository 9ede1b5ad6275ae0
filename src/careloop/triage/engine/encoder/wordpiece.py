"""The tokenizer of BERT: words as in Unicode, then the longest known pieces of each word.

The rules are those of `BasicTokenizer` and `WordpieceTokenizer` in https://github.com/google-research/bert
(tokenization.py): control characters out, Chinese characters apart, lower case without accents where the model wants
it, punctuation apart, and "##" before every piece that does not begin a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

LONGEST_WORD = 100  # characters; a longer one is unknown
FIRST, LAST, UNKNOWN, PADDING = "[CLS]", "[SEP]", "[UNK]", "[PAD]"
_HAN = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
_SPACES = {"\t": " ", "\n": " ", "\r": " "}


@dataclass(frozen=True, slots=True)
class WordPiece:
    """A vocabulary and whether it knows small letters alone. `longest` counts tokens, the two at the ends included."""

    vocabulary: Mapping[str, int]
    lower: bool = True
    longest: int = 256
    known: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of_lines(cls, vocabulary: str, *, lower: bool, longest: int) -> WordPiece:
        """From a vocab.txt: one piece a line. Raises ValueError when one of the four special pieces is missing."""
        pieces = vocabulary.removesuffix("\n").split("\n")
        own = cls({piece.rstrip("\r"): at for at, piece in enumerate(pieces)}, lower, longest)
        missing = {FIRST, LAST, UNKNOWN, PADDING} - own.vocabulary.keys()
        if missing:
            raise ValueError(f"the vocabulary lacks {', '.join(sorted(missing))}")
        return own

    def encode(self, text: str) -> list[int]:
        """The numbers of a text's pieces between those of begin and end; what is too long is cut."""
        pieces: list[int] = [self.vocabulary[FIRST]]
        for word in self._words(text):
            pieces += self._pieces(word)
            if len(pieces) >= self.longest:
                break
        return [*pieces[: self.longest - 1], self.vocabulary[LAST]]

    @property
    def padding(self) -> int:
        return self.vocabulary[PADDING]

    def _words(self, text: str) -> list[str]:
        spaced = "".join(map(_spaced, text[: self.longest * LONGEST_WORD]))
        if self.lower:
            spaced = "".join(c for c in unicodedata.normalize("NFD", spaced.lower()) if unicodedata.category(c) != "Mn")
        return "".join(map(_apart, spaced)).split()

    def _pieces(self, word: str) -> tuple[int, ...]:
        if (remembered := self.known.get(word)) is not None:
            return remembered
        found = self._cut(word)
        if len(self.known) < 50_000:
            self.known[word] = found
        return found

    def _cut(self, word: str) -> tuple[int, ...]:
        unknown = (self.vocabulary[UNKNOWN],)
        if len(word) > LONGEST_WORD:
            return unknown
        found: list[int] = []
        begin = 0
        while begin < len(word):
            prefix = "##" if begin else ""
            ends = range(len(word), begin, -1)
            end = next((end for end in ends if prefix + word[begin:end] in self.vocabulary), None)
            if end is None:
                return unknown
            found.append(self.vocabulary[prefix + word[begin:end]])
            begin = end
        return tuple(found)


def padded(rows: Sequence[Sequence[int]], filler: int) -> list[list[int]]:
    """The rows, all as long as the longest."""
    longest = max(len(row) for row in rows)
    return [[*row, *[filler] * (longest - len(row))] for row in rows]


@lru_cache(maxsize=20_000)
def _spaced(character: str) -> str:
    """A character as the first step leaves it: nothing, a space, itself, or itself between spaces."""
    if character in _SPACES:
        return " "
    category = unicodedata.category(character)
    if character in ("\0", "\ufffd") or category.startswith("C"):
        return ""
    if category == "Zs":
        return " "
    code = ord(character)
    return f" {character} " if any(low <= code <= high for low, high in _HAN) else character


@lru_cache(maxsize=20_000)
def _apart(character: str) -> str:
    """Punctuation and ASCII signs between spaces."""
    code = ord(character)
    sign = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return f" {character} " if sign or unicodedata.category(character).startswith("P") else character
