"""The learned twin of the rules: what a message is about, what is wanted, in which phase, which class, which mood.

Words, runs of words and stems, each with a weight for every label of five heads; the weights were learned from our
own sentences (`data/meaning_examples`) and are shipped as plain numbers. Prediction needs numpy alone and adds up a
few rows of one table, so a short message costs a fraction of a millisecond.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.errors import UnreadableModel
from careloop.triage.engine.prepare import Prepared

MODEL = Path(__file__).parent / "data" / "meaning.npz"
CHARACTERS_READ = 4_000  # a message says what it is about in its first thousand words
LONGEST_RUN_ZH = 3
LONGEST_RUN_EN = 2
STEMS = (4, 6)  # "charge", "charged" and "charger" have one stem
TEMPERATURE = 4.0  # turns scores of about -1 to 1 into probabilities
SHOWN_RUN = 16  # characters of a reason
WEIGHS = 0.35  # a word is shown when it weighs at least this share of the heaviest one

_CLAUSE_ENDS = frozenset("，。,.；;：:\n")
_MARKS = ("?", "!")  # weigh, but say nothing as a reason
_TOKEN = re.compile(r"[\u4e00-\u9fff]|[a-z]+(?:'[a-z]+)?|\d+|[?!，。,.；;：:\n]")

Scores = npt.NDArray[np.float32]


class Feature(NamedTuple):  # a plain dataclass costs three times as much, and there are a hundred a message
    """A run of tokens of one clause, or the beginning of a word, and the tokens it covers."""

    name: str
    first: int
    last: int  # inclusive


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text with their places and the clause each is in."""

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    clauses: tuple[int, ...]

    @classmethod
    def of(cls, text: Prepared) -> Tokens:
        return _tokens(text.folded[:CHARACTERS_READ])

    def features(self) -> Iterator[Feature]:
        """Runs of up to three Chinese characters or two words, and stems of longer words."""
        words, clauses = self.words, self.clauses
        count = len(words)
        for at, word in enumerate(words):
            clause = clauses[at]
            is_han = word >= "\u4e00"
            yield Feature(word, at, at)
            run = word
            for last in range(at + 1, min(at + (LONGEST_RUN_ZH if is_han else LONGEST_RUN_EN), count)):
                if clauses[last] != clause:
                    break
                run = f"{run} {words[last]}"
                yield Feature(run, at, last)
            if not is_han:
                for stem in STEMS:
                    if len(word) > stem:
                        yield Feature(word[:stem] + "*", at, at)


@lru_cache(maxsize=2)  # several tables read one message after another
def _tokens(folded: str) -> Tokens:
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    clauses: list[int] = []
    clause = 0
    for match in _TOKEN.finditer(folded):
        word = match[0]
        if word in _CLAUSE_ENDS:
            clause += 1
            continue
        words.append("0" if word.isdigit() else word)
        spans.append(match.span())
        clauses.append(clause)
    return Tokens(tuple(words), tuple(spans), tuple(clauses))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of one text: probabilities a head, and what it needs to say why."""

    model: MeaningModel
    tokens: Tokens
    features: tuple[Feature, ...]
    weights: Scores  # a row a feature of this text
    chances: Mapping[str, Mapping[str, float]]

    def reasons(self, head: str, label: str, text: Prepared, limit: int) -> tuple[str, ...]:
        """The customer's own words that spoke most for this label, heaviest first."""
        column = self.model.columns.get((head, label))
        if column is None or limit < 1:
            return ()
        weight_of = [0.0] * len(self.tokens.words)
        for (_, first, last), weight in zip(self.features, self.weights[:, column].tolist(), strict=True):
            if weight > 0:
                share = weight / (last - first + 1)
                for at in range(first, last + 1):
                    weight_of[at] += share
        return tuple(self._runs(weight_of, text))[:limit]

    def _runs(self, weight_of: list[float], text: Prepared) -> list[str]:
        """Neighbouring tokens that weigh enough, as they stand in the text."""
        floor = max(max(weight_of) * WEIGHS, 1e-6)
        runs: list[tuple[float, int, int]] = []
        for at, weight in enumerate(weight_of):
            if weight < floor or self.tokens.words[at] in _MARKS:
                continue
            start, end = self.tokens.spans[at]
            if runs and self._touches(at, runs[-1]):
                runs[-1] = (runs[-1][0] + weight, runs[-1][1], end)
            else:
                runs.append((weight, start, end))
        heaviest = sorted(runs, key=lambda run: (-run[0], run[1]))
        return list(dict.fromkeys(text.folded[start:end].strip() for _, start, end in heaviest))

    def _touches(self, at: int, run: tuple[float, int, int]) -> bool:
        """Right behind the run, in the same clause, and not making it too long to read."""
        start, end = self.tokens.spans[at]
        is_next = (
            at > 0 and self.tokens.spans[at - 1][1] == run[2] and self.tokens.clauses[at - 1] == self.tokens.clauses[at]
        )
        return is_next and end - run[1] <= SHOWN_RUN and start - run[2] <= 1


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
        tokens = Tokens.of(text)
        known: dict[int, Feature] = {}
        row_of = self.vocabulary.get
        for feature in tokens.features():
            row = row_of(feature.name)
            if row is not None and row not in known:
                known[row] = feature
        if not known:
            return None
        rows = list(known)
        weights = self.weights[rows]
        length = float(np.square(self.rarity[rows]).sum()) ** 0.5
        scores = weights.sum(axis=0) / length + self.intercept
        return Reading(self, tokens, tuple(known.values()), weights, self._chances(scores))

    def _chances(self, scores: Scores) -> dict[str, dict[str, float]]:
        raised = np.exp(TEMPERATURE * scores).tolist()  # scores are small, so nothing overflows
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
