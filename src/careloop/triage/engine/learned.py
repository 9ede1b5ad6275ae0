"""The learned twin of the rules: what a message is about, what is wanted, how grave it is, who is in danger.

Every head that our own sentences teach is a few columns of one table: a row a feature (`tokens`), a column a label.
The weights are plain numbers (`data/learned.npz`, made by `teaching`); reading a message adds up some of its rows
with numpy alone. Signs of a crisis are judged sentence by sentence, everything else over the whole message.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.errors import UnreadableModel
from careloop.triage.engine.heads import CRISIS, LABELS
from careloop.triage.engine.prepare import Prepared
from careloop.triage.engine.tokens import MARKS, Tokens

MODEL = Path(__file__).parent / "data" / "learned.npz"
UNKNOWN_SHARE = 0.5  # of the rarest feature's square: one known word does not speak for a sentence of unknown ones
SHOWN_RUN = 16  # characters of a reason
WEIGHS = 0.35  # a word is shown when it weighs at least this share of the heaviest one

Scores = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of one text: probabilities a head, and what it needs to say why."""

    model: LearnedModel
    tokens: Tokens
    rows: Places  # of the features of this text that the model knows
    places: Places
    chances: Mapping[str, Mapping[str, float]]
    signals: list[list[float]]  # of each sentence, the score of every signal of a crisis, about -1 to 1

    def reasons(self, head: str, label: str, limit: int) -> tuple[str, ...]:
        """The customer's own words that spoke most for this label, heaviest first."""
        if (head, label) not in self.model.columns:
            return ()
        return reasons_of([self], [[(head, label)]])[0][0][:limit]

    def runs(self, weighty: Sequence[tuple[int, float]]) -> tuple[str, ...]:
        """Neighbouring tokens that weigh enough, as they stand in the text, heaviest first.

        Neighbours touch, are of one clause, and together not too long to read.
        """
        words, spans, clauses = self.tokens.words, self.tokens.spans, self.tokens.clauses
        runs: list[tuple[float, int, int]] = []
        last, held, begin, reached = -2, 0.0, 0, 0
        for at, weight in weighty:
            if words[at] in MARKS:
                continue
            start, end = spans[at]
            if last == at - 1 and start - reached <= 1 and end - begin <= SHOWN_RUN and clauses[last] == clauses[at]:
                held += weight
            else:
                runs.append((-held, begin, reached))
                held, begin = weight, start
            last, reached = at, end
        runs.append((-held, begin, reached))
        folded = self.tokens.folded
        return tuple(dict.fromkeys([folded[start:end].strip() for _, start, end in sorted(runs) if end]))


def reasons_of(readings: Sequence[Reading], wanted: Sequence[Sequence[tuple[str, str]]]) -> list[list[tuple[str, ...]]]:
    """For each reading of one model, the words that spoke for each head and label wanted of it (as many of each).

    The weight of a feature is shared by the tokens it covers; a token is shown when it holds enough of the heaviest.
    """
    model = readings[0].model
    columns = np.array([[model.columns[one] for one in of_one] for of_one in wanted])
    count = columns.shape[1]
    owner = np.repeat(np.arange(len(readings)), [len(one.rows) for one in readings])
    begins = np.cumsum([0, *(len(one.tokens.words) for one in readings)])
    rows = np.concatenate([one.rows for one in readings])
    places = np.concatenate([one.places for one in readings])
    first, width = begins[owner] + (places >> 2), places & 3
    share = np.maximum(model.weights[rows[:, None], columns[owner]], 0) / np.maximum(width, 1)[:, None]
    covered = [width > step for step in range(3)]
    tokens = np.concatenate([first[chosen] + step for step, chosen in enumerate(covered)])
    spread = np.concatenate([share[chosen] for chosen in covered])
    cells = tokens[:, None] * count + np.arange(count)
    held = np.bincount(cells.ravel(), spread.ravel(), minlength=int(begins[-1]) * count).reshape(-1, count)
    floors = np.maximum(np.maximum.reduceat(held, begins[:-1]) * WEIGHS, 1e-6)
    owner_of_token = np.repeat(np.arange(len(readings)), np.diff(begins))
    token, column = np.nonzero(held >= floors[owner_of_token])
    weighty: list[list[list[tuple[int, float]]]] = [[[] for _ in range(count)] for _ in readings]
    where, at = owner_of_token[token], token - begins[owner_of_token[token]]
    for text, own, place, weight in zip(
        where.tolist(), column.tolist(), at.tolist(), held[token, column].tolist(), strict=True
    ):
        weighty[text][own].append((place, weight))
    return [[one.runs(heavy) for heavy in own] for one, own in zip(readings, weighty, strict=True)]


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """The file `data/learned.npz`, ready for use. The last row stands for every feature it does not know."""

    vocabulary: Mapping[str, int]
    square: Scores  # of the rarity of each feature, for the length of a text
    weights: Scores  # a row a feature, a column a label of a head
    intercept: Scores
    sharpness: Scores  # a column: turns scores of about -1 to 1 into probabilities
    heads: Mapping[str, tuple[str, ...]]
    columns: Mapping[tuple[str, str], int]
    fingerprint: str

    def read(self, text: Prepared) -> Reading | None:
        """Probabilities of every head; nothing for a text in which it knows no word."""
        return self.read_many([Tokens.of(text)])[0]

    def read_many(self, texts: Sequence[Tokens]) -> list[Reading | None]:
        """The same of many texts, their rows added up at once."""
        found: list[int] = []
        places: list[int] = []
        lengths: list[int] = []
        row_of, unknown = self.vocabulary.get, len(self.vocabulary)
        for tokens in texts:
            for features, _ in tokens.sentences:
                found += map(row_of, features, repeat(unknown))
                places += features.values()
                lengths.append(len(features))
        if not lengths:
            return [None] * len(texts)
        rows, begins = np.array(found), np.cumsum([0, *lengths])
        known = rows < unknown
        squares = np.add.reduceat(self.square[rows], begins[:-1])
        strange = np.diff(begins) - np.add.reduceat(known, begins[:-1], dtype=np.int64)
        sums = self._added(rows, begins)
        signals = self._signals(sums, squares)
        cut = _Cut(rows, np.array(places), begins, known)
        return self._answers(texts, cut, sums, squares - strange * self.square[unknown], signals)

    def _added(self, rows: Places, begins: Places) -> Scores:
        """For each sentence the sum of the weights of what is known in it."""
        known = rows < len(self.vocabulary)
        counts = np.add.reduceat(known, begins[:-1], dtype=np.int64)
        sums = np.zeros((len(counts), self.weights.shape[1]), dtype=np.float32)
        told = counts > 0
        if told.any():
            starts = np.cumsum([0, *counts[told]])[:-1]
            sums[told] = np.add.reduceat(self.weights[rows[known]], starts)
        return sums

    def _signals(self, sums: Scores, squares: Scores) -> list[list[float]]:
        first = self.columns[CRISIS, LABELS[CRISIS][0]]
        own = slice(first, first + len(LABELS[CRISIS]))
        return (sums[:, own] / np.sqrt(squares)[:, None] + self.intercept[own]).tolist()

    def _answers(
        self, texts: Sequence[Tokens], cut: _Cut, sums: Scores, squares: Scores, signals: list[list[float]]
    ) -> list[Reading | None]:
        counts = [len(one.sentences) for one in texts]
        firsts = np.cumsum([0, *counts])
        told = [at for at, count in enumerate(counts) if count]
        scores = (
            np.add.reduceat(sums, firsts[told])
            / np.sqrt(np.maximum(np.add.reduceat(squares, firsts[told]), 1.0))[:, None]
        )
        raised = np.exp(self.sharpness * (scores + self.intercept))  # scores are small, so nothing overflows
        heads = np.cumsum([0, *(len(labels) for labels in self.heads.values())])
        totals = np.add.reduceat(raised, heads[:-1], axis=1)
        chances = iter((raised / np.repeat(totals, np.diff(heads), axis=1)).tolist())
        answers: list[Reading | None] = []
        for text, count, first in zip(texts, counts, firsts.tolist(), strict=False):
            own = self._by_head(next(chances)) if count else {}
            rows, places = cut.known_between(first, first + count)
            known = len(rows) > 0
            answers.append(Reading(self, text, rows, places, own, signals[first : first + count]) if known else None)
        return answers

    def _by_head(self, chances: list[float]) -> dict[str, dict[str, float]]:
        said: dict[str, dict[str, float]] = {}
        at = 0
        for head, labels in self.heads.items():
            said[head] = dict(zip(labels, chances[at : at + len(labels)], strict=True))
            at += len(labels)
        return said


@dataclass(frozen=True, slots=True)
class _Cut:
    """The rows of many sentences one after the other, and where each sentence begins."""

    rows: Places
    places: Places
    begins: Places
    known: npt.NDArray[np.bool_]

    def known_between(self, first: int, last: int) -> tuple[Places, Places]:
        span = slice(self.begins[first], self.begins[last])
        return self.rows[span][self.known[span]], self.places[span][self.known[span]]


@cache
def learned_model() -> LearnedModel:
    """The packaged model, read once."""
    return load(MODEL)


def load(path: Path) -> LearnedModel:
    """The model of a file. Raises UnreadableModel with a sentence that says what to do."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _from_arrays(arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableModel(
            f"{path} cannot be read ({error}); build it with python -m careloop.triage.engine.teaching."
        ) from error


def _from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> LearnedModel:
    about = json.loads(arrays["about"].tobytes())
    words = arrays["words"].tobytes().decode().split("\n")
    heads = {head: tuple(labels) for head, labels in about["heads"].items()}
    names = [(head, label) for head, labels in heads.items() for label in labels]
    weights = arrays["weights"].astype(np.float32) * arrays["scale"]
    if weights.shape != (len(words), len(names)):
        raise ValueError("words and weights do not belong together")
    square = np.square(arrays["rarity"].astype(np.float32))
    return LearnedModel(
        {word: row for row, word in enumerate(words)},
        np.append(square, UNKNOWN_SHARE * square.max()).astype(np.float32),
        weights,
        arrays["intercept"].astype(np.float32),
        np.array([about["sharpness"][head] for head, _ in names], dtype=np.float32),
        heads,
        {name: column for column, name in enumerate(names)},
        str(about["fingerprint"]),
    )
