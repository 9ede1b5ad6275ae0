"""Texts to a sparse TF-IDF matrix with numpy and scipy alone, the same code when training and when predicting.

Every feature is a span of characters (an n-gram, a word, a pair of words) known by a 64-bit polynomial hash of its
characters, so a whole batch is analysed by a few array operations and a model file holds numbers, never words of
customers. Two different spans share a hash with a probability of about n²/2^65: nil for any vocabulary that fits in
memory. The words shown as reasons are read back from the text being judged (`spans_of`).

Weighting follows the usual text-book form (Salton and Buckley 1988): (1 + ln tf) · (ln((1 + n)/(1 + df)) + 1), each
block of features scaled to length one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from careloop.common.text import fold, is_han
from careloop.triage.engine.hashing import BASE, Hashes, Positions, mix, range_hashes

CHARACTERS_PER_CHUNK = 400_000
LONGEST_TEXT = 8_000
LARGEST_VOCABULARY = 1_000_000

_SPACE = 0x20
_SEPARATOR = 0

BlockKind = Literal["char", "char_wb", "word", "pair"]


@dataclass(frozen=True, slots=True)
class Block:
    """One family of features: n-grams of characters, n-grams inside words, runs of words, or pairs of words.

    `low` and `high` count characters, characters, words, and for pairs the distance in words (in either order).
    """

    kind: BlockKind
    low: int
    high: int
    min_df: int = 1
    weight: float = 1.0

    @property
    def name(self) -> str:
        """As the reports write it, e.g. "char 1-3" or "word 1-2 (in 2 texts or more)"."""
        rare = f" (in {self.min_df} texts or more)" if self.min_df > 1 else ""
        return f"{self.kind} {self.low}-{self.high}{rare}"

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
    """The text as features see it: folded, white space collapsed, one space at each end, at most LONGEST_TEXT long."""
    kept = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT // 2] + text[-LONGEST_TEXT // 2 :]
    return " " + " ".join(fold(kept).replace("\0", " ").split()) + " "


def analyse(normalised: Sequence[str], block: Block) -> Spans:
    """All spans of one block in a chunk of normalised texts."""
    chunk = _Chunk.of(normalised)
    found = list(_SPANS[block.kind](chunk, block))
    if not found:
        empty = np.empty(0, dtype=np.int64)
        return Spans(empty, np.empty(0, dtype=np.uint64), empty, empty)
    return Spans(
        np.concatenate([one.owner for one in found]),
        np.concatenate([one.hashes for one in found]),
        np.concatenate([one.start for one in found]),
        np.concatenate([one.end for one in found]),
    )


def chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts, normalised, in pieces of bounded size."""
    piece: list[str] = []
    size = 0
    for text in texts:
        piece.append(normalise(text))
        size += len(piece[-1])
        if size >= CHARACTERS_PER_CHUNK:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


@dataclass(slots=True)
class FittedBlock:
    """A block with its vocabulary: sorted hashes and the weight (idf) of each."""

    block: Block
    vocabulary: Hashes
    idf: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Sequence[str], block: Block) -> FittedBlock:
        """Counts in how many texts each span occurs and keeps those that occur often enough."""
        vocabulary, frequency = _document_frequencies(texts, block)
        kept = frequency >= block.min_df
        if int(kept.sum()) > LARGEST_VOCABULARY:
            kept &= frequency > np.sort(frequency)[-LARGEST_VOCABULARY]
        idf = np.log((1.0 + len(texts)) / (1.0 + frequency[kept])) + 1.0
        return cls(block, vocabulary[kept], idf.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """One row a text, one column a vocabulary entry, each row as long as the block weighs (or empty)."""
        return self.transform_chunks(chunks(texts))

    def transform_chunks(self, pieces: Iterator[list[str]] | list[list[str]]) -> sparse.csr_matrix:
        rows = [self._rows(piece) for piece in pieces]
        if not rows:
            return sparse.csr_matrix((0, len(self.vocabulary)), dtype=np.float32)
        return rows[0] if len(rows) == 1 else sparse.vstack(rows, format="csr")

    def columns_of(self, hashes: Hashes) -> Positions:
        """The column of each hash, or -1 when it is not in the vocabulary."""
        if len(self.vocabulary) == 0:
            return np.full(len(hashes), -1, dtype=np.int64)
        at = np.searchsorted(self.vocabulary, hashes)
        at[at == len(self.vocabulary)] = 0
        return np.where(self.vocabulary[at] == hashes, at, -1)

    def _rows(self, piece: list[str]) -> sparse.csr_matrix:
        spans = analyse(piece, self.block)
        width = max(len(self.vocabulary), 1)
        distinct, inverse = np.unique(spans.hashes, return_inverse=True)
        columns = self.columns_of(distinct)[inverse]
        known = columns >= 0
        keys, counts = np.unique(spans.owner[known] * width + columns[known], return_counts=True)
        owner, column = np.divmod(keys, width)
        values = (1.0 + np.log(counts)) * self.idf[column] if len(keys) else np.empty(0)
        squares = np.bincount(owner, weights=values * values, minlength=len(piece))
        lengths = np.sqrt(np.where(squares > 0, squares, 1.0))
        starts = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(piece)))))
        scaled = (values * self.block.weight / lengths[owner]).astype(np.float32)
        return sparse.csr_matrix((scaled, column.astype(np.int32), starts), shape=(len(piece), len(self.vocabulary)))


def spans_of(text: str, fitted: FittedBlock) -> list[tuple[str, int]]:
    """The known features of one text as written (folded) and their columns, for reasons shown to people."""
    normalised = normalise(text)
    spans = analyse([normalised], fitted.block)
    columns = fitted.columns_of(spans.hashes)
    known = np.flatnonzero(columns >= 0)
    return [(normalised[spans.start[i] : spans.end[i]].strip(), int(columns[i])) for i in known]


def _document_frequencies(texts: Sequence[str], block: Block) -> tuple[Hashes, Positions]:
    vocabulary = np.empty(0, dtype=np.uint64)
    frequency = np.empty(0, dtype=np.int64)
    pending: list[tuple[Hashes, Positions]] = []
    for piece in chunks(texts):
        pending.append(_frequencies_in_chunk(piece, block))
        if sum(len(one[0]) for one in pending) > 4_000_000:
            vocabulary, frequency = _merge([(vocabulary, frequency), *pending])
            pending = []
    return _merge([(vocabulary, frequency), *pending])


def _frequencies_in_chunk(piece: list[str], block: Block) -> tuple[Hashes, Positions]:
    spans = analyse(piece, block)
    distinct, inverse = np.unique(spans.hashes, return_inverse=True)
    if len(distinct) == 0:
        return distinct, np.empty(0, dtype=np.int64)
    pairs = np.unique(spans.owner * len(distinct) + inverse)
    return distinct, np.bincount(pairs % len(distinct), minlength=len(distinct)).astype(np.int64)


def _merge(parts: list[tuple[Hashes, Positions]]) -> tuple[Hashes, Positions]:
    hashes = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    distinct, inverse = np.unique(hashes, return_inverse=True)
    return distinct, np.bincount(inverse, weights=counts, minlength=len(distinct)).astype(np.int64)


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
    """Two words of one text, in either order, low to high words apart: "card … not … working"."""
    start, end = _words(chunk.codes)
    if len(start) == 0:
        return
    single = mix(range_hashes(chunk.values, start, end))
    for distance in range(block.low, min(block.high, len(start) - 1) + 1):
        kept = chunk.owner[start[:-distance]] == chunk.owner[start[distance:]]
        if not kept.any():
            return
        hashes = single[:-distance] + single[distance:]
        yield chunk.spans(start[:-distance][kept], end[distance:][kept], mix(hashes[kept] + np.uint64(block.salt)))


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


def consecutive(blocks: Sequence[FittedBlock]) -> list[tuple[int, int]]:
    """First and last column (exclusive) of each block when they stand side by side."""
    edges = np.concatenate(([0], np.cumsum([len(one.vocabulary) for one in blocks])))
    return [(int(low), int(high)) for low, high in pairwise(edges)]
