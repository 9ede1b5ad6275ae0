"""The learned twin of the rules: what a message is about, what is wanted, in which phase, which class, which mood.

Words, runs of words and stems, each with a weight for every label of five heads; the weights were learned from our
own sentences (`data/meaning_examples`) and are shipped as plain numbers. Prediction needs numpy alone and adds up a
few rows of one table, so a short message costs a fraction of a millisecond.
"""

from __future__ import annotations

import json
import math
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.errors import UnreadableModel
from careloop.triage.engine.prepare import Prepared

MODEL = Path(__file__).parent / "data" / "meaning.npz"
CHARACTERS_READ = 4_000  # a message says what it is about in its first thousand words
STEMS = (4, 6)  # "charge", "charged" and "charger" have one stem
TEMPERATURE = 4.0  # turns scores of about -1 to 1 into probabilities
SHOWN_RUN = 16  # characters of a reason
WEIGHS = 0.35  # a word is shown when it weighs at least this share of the heaviest one

_CLAUSE_ENDS = frozenset("，。,.；;：:\n")
_FIRST_HAN = "\u4e00"
_MARKS = ("?", "!")  # weigh, but say nothing as a reason
_TOKEN = re.compile(r"[\u4e00-\u9fff]|[a-z]+(?:'[a-z]+)?|\d+|[?!，。,.；;：:\n]")

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, the clause each is in, and every distinct feature with the place where it stands first."""

    folded: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    clauses: tuple[int, ...]
    features: Mapping[str, int]  # the name of a feature, and its place: four times its first token, plus its width

    @classmethod
    def of(cls, text: Prepared) -> Tokens:
        """Read once a message; every table then looks up the same features."""
        folded = text.folded[:CHARACTERS_READ]
        spans: list[tuple[int, int]] = []
        clauses: list[int] = []
        by_clause: list[list[str]] = [[]]
        for match in _TOKEN.finditer(folded):
            word = match[0]
            if word in _CLAUSE_ENDS:
                by_clause.append([])
                continue
            by_clause[-1].append("0" if word.isdigit() else word)
            spans.append(match.span())
            clauses.append(len(by_clause))
        names, places = _features(by_clause)
        words = tuple(word for clause in by_clause for word in clause)
        # Backwards, so that of equal features the first in the text is the one that stays.
        return cls(folded, words, tuple(spans), tuple(clauses), dict(zip(names[::-1], places[::-1], strict=True)))


def feature_names(folded: str) -> list[str]:
    """The distinct features of a text, without their places."""
    by_clause: list[list[str]] = [[]]
    for word in _TOKEN.findall(folded[:CHARACTERS_READ]):
        if word in _CLAUSE_ENDS:
            by_clause.append([])
        else:
            by_clause[-1].append("0" if word.isdigit() else word)
    return list(dict.fromkeys(_features(by_clause)[0]))


def _features(by_clause: Sequence[list[str]]) -> tuple[list[str], list[int]]:
    """Words, pairs of them, runs of three that begin in Chinese, and the stems of longer Latin words."""
    names: list[str] = []
    places: list[int] = []
    begin = 0
    for words in by_clause:
        end = begin + 4 * len(words)
        names += words
        places += range(begin + 1, end, 4)
        pairs = [f"{one} {two}" for one, two in pairwise(words)]
        names += pairs
        places += range(begin + 2, begin + 2 + 4 * len(pairs), 4)
        for at, word in enumerate(words):
            if word >= _FIRST_HAN:
                if at + 2 < len(words):
                    names.append(f"{pairs[at]} {words[at + 2]}")
                    places.append(begin + 4 * at + 3)
            elif len(word) > STEMS[0]:
                stems = [word[:stem] + "*" for stem in STEMS if len(word) > stem]
                names += stems
                places += [begin + 4 * at + 1] * len(stems)
        begin = end
    return names, places


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of one text: probabilities a head, and what it needs to say why."""

    model: MeaningModel
    tokens: Tokens
    rows: list[int]  # of the features of this text that the model knows
    places: list[int]
    chances: Mapping[str, Mapping[str, float]]

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
            if words[at] in _MARKS:
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
    rows = np.array([row for one in readings for row in one.rows])
    places = np.array([place for one in readings for place in one.places])
    first, width = begins[owner] + (places >> 2), places & 3
    share = np.maximum(model.weights[rows[:, None], columns[owner]], 0) / width[:, None]
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
class MeaningModel:
    """The file `data/meaning.npz`, ready for use."""

    vocabulary: Mapping[str, int]
    rarity: Scores  # of each feature, for the length of a text
    weights: Scores  # a row a feature, a column a label of a head
    intercept: Scores
    heads: Mapping[str, tuple[str, ...]]
    columns: Mapping[tuple[str, str], int]
    fingerprint: str

    def read(self, text: Prepared) -> Reading | None:
        """Probabilities of every head; nothing for a text in which it knows no word."""
        return self.read_many([Tokens.of(text)])[0]

    def read_many(self, texts: Sequence[Tokens]) -> list[Reading | None]:
        """The same of many texts, their rows added up at once."""
        row_of = self.vocabulary.get
        known: list[tuple[Tokens, list[int], list[int]] | None] = []
        for tokens in texts:
            pairs = [(row, at) for name, at in tokens.features.items() if (row := row_of(name)) is not None]
            known.append((tokens, [row for row, _ in pairs], [at for _, at in pairs]) if pairs else None)
        found = [one for one in known if one is not None]
        if not found:
            return [None] * len(texts)
        sums, squares = self.added([rows for _, rows, _ in found])
        scores = iter((sums / np.sqrt(squares)[:, None] + self.intercept).tolist())
        return [None if one is None else Reading(self, *one, self._chances(next(scores))) for one in known]

    def added(self, rows: Sequence[list[int]]) -> tuple[Scores, Scores]:
        """For each (never empty) list of rows the sum of their weights, and of their squared rarity."""
        every = np.array([row for own in rows for row in own])
        begins = np.cumsum([0, *(len(own) for own in rows)])[:-1]
        return np.add.reduceat(self.weights[every], begins), np.add.reduceat(np.square(self.rarity[every]), begins)

    def _chances(self, scores: list[float]) -> dict[str, dict[str, float]]:
        raised = [math.exp(TEMPERATURE * score) for score in scores]  # scores are small, so nothing overflows
        chances: dict[str, dict[str, float]] = {}
        at = 0
        for head, labels in self.heads.items():
            own = raised[at : at + len(labels)]
            total = sum(own)
            chances[head] = {label: value / total for label, value in zip(labels, own, strict=True)}
            at += len(labels)
        return chances


@cache
def meaning_model() -> MeaningModel:
    """The packaged model, read once."""
    return load(MODEL)


def load(path: Path) -> MeaningModel:
    """The model of a file. Raises UnreadableModel with a sentence that says what to do."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _from_arrays(arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableModel(
            f"{path} cannot be read ({error}); build it with python -m careloop.triage.engine.meaning_training."
        ) from error


def _from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> MeaningModel:
    about = json.loads(arrays["about"].tobytes())
    words = arrays["words"].tobytes().decode().split("\n")
    heads = {head: tuple(labels) for head, labels in about["heads"].items()}
    names = [(head, label) for head, labels in heads.items() for label in labels]
    weights = arrays["weights"].astype(np.float32) * arrays["scale"]
    if weights.shape != (len(words), len(names)):
        raise ValueError("words and weights do not belong together")
    return MeaningModel(
        {word: row for row, word in enumerate(words)},
        arrays["rarity"].astype(np.float32),
        weights,
        arrays["intercept"].astype(np.float32),
        heads,
        {name: column for column, name in enumerate(names)},
        str(about["fingerprint"]),
    )
