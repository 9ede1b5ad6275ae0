"""What the two small learned tables make of a text: signs of a crisis sentence by sentence, severity as a whole.

Both are tables like that of `meaning`: a row a run of words, a column a label, learned from our own sentences and
added up with numpy alone.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.heads import CRISIS, LABELS, NONE, SEVERITY, HeadResult
from careloop.triage.engine.meaning import MeaningModel, Scores, Tokens, load
from careloop.triage.engine.prepare import Prepared

DATA = Path(__file__).parent / "data"
CRISIS_MODEL = DATA / "crisis.npz"
SEVERITY_MODEL = DATA / "severity.npz"
CRISIS_LABELS = (*LABELS[CRISIS], NONE)
LEARNED_SHARE = 0.5  # of the probability of a level; the rest is what the rules say
SHOWN_REASONS = 4
UNKNOWN_SHARE = 0.5


@cache
def crisis_model() -> MeaningModel:
    """The packaged table of crisis signals, read once."""
    return load(CRISIS_MODEL)


@cache
def severity_model() -> MeaningModel:
    """The packaged table of severity, read once."""
    return load(SEVERITY_MODEL)


def crisis_scores(sentence: str, model: MeaningModel) -> Scores | None:
    """A score for each signal, about -1 to 1; nothing for a sentence in which the table knows no word."""
    names = {feature.name for feature in Tokens.of(Prepared(sentence, sentence, ())).features()}
    rows = [row for name in names if (row := model.vocabulary.get(name)) is not None]
    if not rows:
        return None
    squares = float(np.square(model.rarity[rows]).sum()) + unknown_squares(len(names) - len(rows), model.rarity)
    return np.asarray((model.weights[rows].sum(axis=0) / squares**0.5 + model.intercept)[: len(LABELS[CRISIS])])


def unknown_squares(count: int, rarity: npt.NDArray[np.floating[Any]]) -> float:
    """Words that the table never saw count as the rarest, so that one known word does not speak for a sentence."""
    return UNKNOWN_SHARE * count * float(rarity.max()) ** 2


def graded(by_rules: HeadResult, text: Prepared) -> HeadResult:
    """The severity of a message without signs of a crisis: the mean of what rules and table say."""
    reading = severity_model().read(text)
    if reading is None:
        return by_rules
    ruled = dict(by_rules.ranked)
    chances = {
        level: LEARNED_SHARE * learned + (1 - LEARNED_SHARE) * ruled[level]
        for level, learned in reading.chances[SEVERITY].items()
    }
    ranked = tuple(sorted(chances.items(), key=lambda pair: -pair[1]))
    level, confidence = ranked[0]
    earlier = by_rules.reasons if by_rules.label == level else ()
    words = reading.reasons(SEVERITY, level, text, SHOWN_REASONS)
    return HeadResult(level, confidence, tuple(dict.fromkeys((*earlier, *words)))[:SHOWN_REASONS], ranked)
