"""Which spans of a text count as features: runs of characters, words, and pairs of word stems.

Every span is known by a 64-bit polynomial hash of its characters, so a whole batch is analysed by a few array
operations and a model file holds numbers, never words of customers. Two different spans share a hash with a
probability of about n²/2^65: nil for any vocabulary that fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from careloop.common.text import fold, is_han
from careloop.triage.engine.hashing import BASE, Hashes, Positions, mix, range_hashes

LONGEST_TEXT = 8_000

_SPACE = 0x20
_LINE_BREAK = 0x0A
_SEPARATOR = 0

_SUFFIXES = ("ing", "ed", "es", "ly", "s")
_SHORTEST_STEM = 3
_LITTLE_WORDS = (
    "a an the is are was were be been am i my me you your it its to of in on at for with and or have has had do does"
    " did can could would will this that there"
)

BlockKind = Literal["char", "char_wb", "word", "pair"]
BlockPart = Literal["text", "line"]


@dataclass(frozen=True, slots=True)
class Block:
    """One family of features: n-grams of characters, n-grams inside words, runs of words, or pairs of word stems.

    `low` and `high` count characters, characters, words, and for pairs the distance in words (in either order, little
    words such as "the" left out). The rows of a block are as long as its `weight`. The part "line" is the first line:
    the subject, where texts are a subject and a body.
    """

    kind: BlockKind
    low: int
    high: int
    min_df: int = 1
    weight: float = 1.0
    part: BlockPart = "text"

    @property
    def name(self) -> str:
        """As the reports write it, e.g. "char 1-3" or "word 1-2 (in 2 texts or more)"."""
        rare = f" (in {self.min_df} texts or more)" if self.min_df > 1 else ""
        where = "first line " if self.part == "line" else ""
        return f"{where}{self.kind} {self.low}-{self.high}{rare}"

    @property
    def salt(self) -> int:
        """Keeps the hashes of one family apart from those of another."""
        return {"char": 0x51ED270B, "char_wb": 0x2545F491, "word": 0x6C8E9CF5, "pair": 0x3C6EF372}[self.kind]


@dataclass(frozen=True, slots=True)
class Spans:
    """Features of a chunk of texts: the text each belongs to, its hash, and where it lies in the joined text."""

    owner: Positions
    hashes: Hashes
    start: Positions
    end: Positions


def normalise(text: str) -> str:
    """The text as features see it: folded, white space collapsed, one space at each end, at most LONGEST_TEXT long.

    One line break is kept, after the first line; it counts as a space.
    """
    kept = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT // 2] + text[-LONGEST_TEXT // 2 :]
    line, _, rest = fold(kept).replace("\0", " ").strip().partition("\n")
    words, more = " ".join(line.split()), " ".join(rest.split())
    return f" {words}\n{more} " if more else f" {words} "


def analyse(normalised: Sequence[str], block: Block) -> Spans:
    """All spans of one block in a chunk of normalised texts."""
    chunk = _Chunk.of(normalised)
    found = list(_SPANS[block.kind](chunk, block))
    if not found:
        empty = np.empty(0, dtype=np.int64)
        return Spans(empty, np.empty(0, dtype=np.uint64), empty, empty)
    owner, start, end = (np.concatenate([getattr(one, name) for one in found]) for name in ("owner", "start", "end"))
    hashes = np.concatenate([one.hashes for one in found])
    if block.part == "text":
        return Spans(owner, hashes, start, end)
    lines = np.array([len(text.partition("\n")[0]) + 1 for text in normalised], dtype=np.int64)
    inside = end <= lines[owner]
    return Spans(owner[inside], hashes[inside], start[inside], end[inside])


@dataclass(frozen=True, slots=True)
class _Chunk:
    codes: npt.NDArray[np.uint32]
    values: Hashes
    owner: Positions
    separators: Positions  # running count of separators before each position
    base: Positions  # position in the joined text at which each text begins

    @classmethod
    def of(cls, normalised: Sequence[str]) -> _Chunk:
        joined = "\0".join(normalised)
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        codes = np.where(codes == _LINE_BREAK, np.uint32(_SPACE), codes)
        is_separator = codes == _SEPARATOR
        running = np.concatenate(([0], np.cumsum(is_separator)))
        begins = np.concatenate(([0], np.flatnonzero(is_separator) + 1))
        return cls(codes, mix(codes.astype(np.uint64)), running[:-1], running, begins)

    def spans(self, start: Positions, end: Positions, hashes: Hashes) -> Spans:
        owner = self.owner[start]
        return Spans(owner, hashes, start - self.base[owner], end - self.base[owner])


def _gram_spans(chunk: _Chunk, block: Block) -> Iterator[Spans]:
    """All runs of low to high characters that cross no text border and, inside words, no space but at an end."""
    spaces = np.concatenate(([0], np.cumsum(chunk.codes == _SPACE)))
    hashes = chunk.values
    for length in range(1, block.high + 1):
        if length > 1:
            hashes = hashes[:-1] * np.uint64(BASE) + chunk.values[length - 1 :]
        if length < block.low or len(hashes) == 0:
            continue
        start = np.arange(len(hashes), dtype=np.int64)
        kept = chunk.separators[start + length] == chunk.separators[start]
        if block.kind == "char_wb" and length > 2:
            kept &= spaces[start + length - 1] == spaces[start + 1]
        chosen = start[kept]
        yield chunk.spans(chosen, chosen + length, mix(hashes[kept] + np.uint64(block.salt + length)))


def _word_spans(chunk: _Chunk, block: Block) -> Iterator[Spans]:
    """Words, and runs of up to `high` words of one text; a Chinese character is a word of its own."""
    start, end = _words(chunk.codes)
    if len(start) == 0:
        return
    single = range_hashes(chunk.values, start, end)
    hashes = single
    for length in range(1, block.high + 1):
        if length > 1:
            hashes = mix(hashes[:-1]) * np.uint64(BASE) + single[length - 1 :]
        count = len(start) - length + 1
        if length < block.low or count <= 0:
            continue
        first, last = start[:count], end[length - 1 :]
        kept = chunk.owner[first] == chunk.owner[start[length - 1 :]]
        yield chunk.spans(first[kept], last[kept], mix(hashes[kept] + np.uint64(block.salt + length)))


def _pair_spans(chunk: _Chunk, block: Block) -> Iterator[Spans]:
    """Two stems of one text, in either order, low to high words apart: "card … not … work(ing)"."""
    start, end = _words(chunk.codes)
    whole = range_hashes(chunk.values, start, end)
    telling = ~np.isin(whole, _little_hashes())
    start, end = start[telling], end[telling]
    if len(start) == 0:
        return
    single = mix(range_hashes(chunk.values, start, _stem_ends(chunk.codes, start, end)))
    for distance in range(block.low, min(block.high, len(start) - 1) + 1):
        kept = chunk.owner[start[:-distance]] == chunk.owner[start[distance:]]
        if not kept.any():
            return
        hashes = single[:-distance] + single[distance:]
        yield chunk.spans(start[:-distance][kept], end[distance:][kept], mix(hashes[kept] + np.uint64(block.salt)))


@cache
def _little_hashes() -> Hashes:
    chunk = _Chunk.of([_LITTLE_WORDS])
    return range_hashes(chunk.values, *_words(chunk.codes))


def _stem_ends(codes: npt.NDArray[np.uint32], start: Positions, end: Positions) -> Positions:
    """Where each word ends without the first English suffix that leaves a stem: "charged" and "charges" are alike."""
    stem_ends = end.copy()
    cut = np.zeros(len(end), dtype=bool)
    for suffix in _SUFFIXES:
        found = ~cut & (end - start >= len(suffix) + _SHORTEST_STEM)
        for back, letter in enumerate(reversed(suffix), start=1):
            found &= codes[end - back] == ord(letter)
        stem_ends[found] -= len(suffix)
        cut |= found
    return stem_ends


def _words(codes: npt.NDArray[np.uint32]) -> tuple[Positions, Positions]:
    kinds = _word_kinds(codes)
    before = np.concatenate(([0], kinds[:-1]))
    after = np.concatenate((kinds[1:], [0]))
    starts = np.flatnonzero((kinds == 2) | ((kinds == 1) & (before != 1)))
    ends = np.flatnonzero((kinds == 2) | ((kinds == 1) & (after != 1))) + 1
    return starts, ends


def _word_kinds(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int8]:
    """0 no letter, 1 letter or digit, 2 Chinese character."""
    distinct, inverse = np.unique(codes, return_inverse=True)
    kinds = [_word_kind(chr(int(code))) for code in distinct]
    return np.array(kinds, dtype=np.int8)[inverse]


def _word_kind(character: str) -> int:
    if is_han(character):
        return 2
    return 1 if character.isalnum() or character == "_" else 0


_SPANS = {"char": _gram_spans, "char_wb": _gram_spans, "word": _word_spans, "pair": _pair_spans}
