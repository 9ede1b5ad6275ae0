"""Texts to a sparse TF-IDF matrix with numpy and scipy alone, the same code when training and when predicting.

Weighting follows the usual text-book form (Salton and Buckley 1988): (1 + ln tf) · (ln((1 + n)/(1 + df)) + 1), each
block of features scaled to the length that it weighs. The words shown as reasons are read back from the text being
judged (`spans_of`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from careloop.triage.engine.hashing import Hashes, Positions
from careloop.triage.engine.spans import Block, analyse, normalise

CHARACTERS_PER_CHUNK = 400_000
LARGEST_VOCABULARY = 1_000_000

Matrix = Any  # scipy.sparse.csr_matrix; scipy carries no types


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
    def fit(cls, texts: Sequence[str], block: Block, largest: int = LARGEST_VOCABULARY) -> FittedBlock:
        """Counts in how many texts each span occurs and keeps those that occur often enough, at most `largest`."""
        vocabulary, frequency = _document_frequencies(texts, block)
        kept = frequency >= block.min_df
        return cls(block, vocabulary[kept], _idf(frequency[kept], len(texts))).commonest(largest)

    def commonest(self, most: int) -> FittedBlock:
        """The same block with at most `most` spans: the rarest give way, equally rare ones together."""
        if len(self.vocabulary) <= most:
            return self
        kept = self.idf < np.partition(self.idf, most)[most]
        return FittedBlock(self.block, self.vocabulary[kept], self.idf[kept])

    def transform(self, texts: Sequence[str]) -> Matrix:
        """One row a text, one column a vocabulary entry, each row as long as the block weighs (or empty)."""
        return self.transform_chunks(chunks(texts))

    def transform_chunks(self, pieces: Iterator[list[str]] | list[list[str]]) -> Matrix:
        return _weighted(_stacked([self._counted(piece) for piece in pieces], len(self.vocabulary)), self)

    def columns_of(self, hashes: Hashes) -> Positions:
        """The column of each hash, or -1 when it is not in the vocabulary."""
        if len(self.vocabulary) == 0:
            return np.full(len(hashes), -1, dtype=np.int64)
        at = np.searchsorted(self.vocabulary, hashes)
        at[at == len(self.vocabulary)] = 0
        return np.where(self.vocabulary[at] == hashes, at, -1)

    def _counted(self, piece: list[str]) -> Matrix:
        """1 + ln(how often), one row a text, one column a vocabulary entry."""
        spans = analyse(piece, self.block)
        width = max(len(self.vocabulary), 1)
        distinct, inverse = np.unique(spans.hashes, return_inverse=True)
        columns = self.columns_of(distinct)[inverse]
        known = columns >= 0
        keys, counts = np.unique(spans.owner[known] * width + columns[known], return_counts=True)
        owner, column = np.divmod(keys, width)
        starts = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(piece)))))
        values = (1.0 + np.log(counts)).astype(np.float32)
        return sparse.csr_matrix((values, column.astype(np.int32), starts), shape=(len(piece), len(self.vocabulary)))


class CountedBlock:
    """The counts of one block in many texts, kept to weigh them anew for every fold without reading the texts again."""

    def __init__(self, texts: Sequence[str], block: Block) -> None:
        fitted = FittedBlock.fit(texts, block)
        self._block = block
        self._counts = _stacked([fitted._counted(piece) for piece in chunks(texts)], len(fitted.vocabulary))

    def split(self, inside: npt.NDArray[np.bool_]) -> tuple[Matrix, Matrix]:
        """What a block fitted on the texts `inside` makes of these, and of the others."""
        training, others = self._counts[inside], self._counts[~inside]
        frequency = np.bincount(training.indices, minlength=training.shape[1])
        kept = np.flatnonzero(frequency >= self._block.min_df)
        fitted = FittedBlock(self._block, np.empty(0, dtype=np.uint64), _idf(frequency[kept], training.shape[0]))
        return _weighted(training[:, kept], fitted), _weighted(others[:, kept], fitted)


def _idf(frequency: Positions, texts: int) -> npt.NDArray[np.float32]:
    return np.asarray(np.log((1.0 + texts) / (1.0 + frequency)) + 1.0, dtype=np.float32)


def _weighted(counted: Matrix, fitted: FittedBlock) -> Matrix:
    """The counts times idf, in place, each row as long as the block weighs."""
    values = counted.data * fitted.idf[counted.indices]
    owner = np.repeat(np.arange(counted.shape[0]), np.diff(counted.indptr))
    squares = np.bincount(owner, weights=values * values, minlength=counted.shape[0])
    factors = fitted.block.weight / np.sqrt(np.where(squares > 0, squares, 1.0))
    counted.data = values * factors[owner].astype(np.float32)
    return counted


def _stacked(rows: list[Matrix], width: int) -> Matrix:
    if not rows:
        return sparse.csr_matrix((0, width), dtype=np.float32)
    return rows[0] if len(rows) == 1 else sparse.vstack(rows, format="csr")


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


def consecutive(blocks: Sequence[FittedBlock]) -> list[tuple[int, int]]:
    """First and last column (exclusive) of each block when they stand side by side."""
    edges = np.concatenate(([0], np.cumsum([len(one.vocabulary) for one in blocks])))
    return [(int(low), int(high)) for low, high in pairwise(edges)]
