"""What the two small learned tables make of a text: signs of a crisis sentence by sentence, severity as a whole.

Both are tables like that of `meaning`: a row a run of words, a column a label, learned from our own sentences and
added up with numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.heads import CRISIS, LABELS, NONE
from careloop.triage.engine.meaning import MeaningModel, feature_names, load

DATA = Path(__file__).parent / "data"
CRISIS_MODEL = DATA / "crisis.npz"
SEVERITY_MODEL = DATA / "severity.npz"
CRISIS_LABELS = (*LABELS[CRISIS], NONE)
LEARNED_SHARE = 0.5  # of the probability of a level; the rest is what the rules say
UNKNOWN_SHARE = 0.5


@cache
def crisis_model() -> MeaningModel:
    """The packaged table of crisis signals, read once."""
    return load(CRISIS_MODEL)


@cache
def severity_model() -> MeaningModel:
    """The packaged table of severity, read once."""
    return load(SEVERITY_MODEL)


def crisis_scores(sentences: Sequence[str], model: MeaningModel) -> list[list[float] | None]:
    """For each sentence a score of every signal, about -1 to 1; nothing where the table knows no word."""
    row_of = model.vocabulary.get
    known: list[list[int]] = []
    unknown: list[int] = []
    for sentence in sentences:
        names = feature_names(sentence)
        known.append([row for name in names if (row := row_of(name)) is not None])
        unknown.append(len(names) - len(known[-1]))
    told = [at for at, rows in enumerate(known) if rows]
    scores: list[list[float] | None] = [None] * len(sentences)
    if told:
        sums, squares = model.added([known[at] for at in told])
        doubt = np.array([unknown[at] for at in told]) * unknown_square(model.rarity)
        judged = (sums / np.sqrt(squares + doubt)[:, None] + model.intercept)[:, : len(LABELS[CRISIS])]
        for at, own in zip(told, judged.tolist(), strict=True):
            scores[at] = own
    return scores


def unknown_square(rarity: npt.NDArray[np.floating[Any]]) -> float:
    """A word that the table never saw counts as the rarest, so that one known word does not speak for a sentence."""
    return UNKNOWN_SHARE * float(rarity.max()) ** 2


def graded(ruled: Mapping[str, float], learned: Mapping[str, float]) -> dict[str, float]:
    """The severity of a message without signs of a crisis: the mean of what rules and table say."""
    return {level: LEARNED_SHARE * chance + (1 - LEARNED_SHARE) * ruled[level] for level, chance in learned.items()}
