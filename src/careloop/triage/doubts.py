"""Which answers of a classifier a person should look at, and how much an answer is worth.

Pure arithmetic. Three kinds of doubt: the classifier is not sure, rules and model disagree, or it had to choose
between two labels so close that a person's answer teaches most (active learning by margin). Of the last only a
sample is asked, because there are many and a person's time is short.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from careloop.triage.engine.heads import (
    CRISIS,
    EMOTION,
    HANDLING_CLASS,
    INTENT,
    NATURE,
    SEVERITY,
    HeadResult,
    Heads,
)  # fmt: skip
from careloop.triage.engine.taxonomy import NATURE_DETAIL

LEARNED = ("linear", "hybrid")
UNSURE, DISAGREE, TELLING = "unsure", "disagree", "telling"
SPLIT = "split"  # of a label that was split: asked by the taxonomy, not by a classifier

FAINT: Final = 0.6  # a sign of danger that is less sure is put before a person; it holds all the same
# In the order of asking. What decides over people comes before what only teaches.
WEIGHT: Final[Mapping[str, int]] = MappingProxyType({
    CRISIS: 400, SEVERITY: 300, NATURE: 200, HANDLING_CLASS: 150, INTENT: 100, NATURE_DETAIL: 75, EMOTION: 50,
})  # fmt: skip
NEEDS_AN_ANSWER: Final = frozenset({CRISIS, SEVERITY})  # for its own sake, not only to teach: likeness is no excuse
FOR_DISAGREEMENT: Final = 150
FOR_A_NARROW_CHOICE: Final = 400
NARROW: Final = 0.1  # between the two likeliest labels
DISPUTED: Final = 0.55  # surer than this, the half that disagrees had little to say; a team's own model is always heard
MINOR_HEADS: Final = frozenset(
    {INTENT, NATURE_DETAIL, EMOTION}
)  # many labels, little at stake: only a narrow choice is asked
ONE_IN: Final = 8  # of the narrow choices that were sure enough
MOST_AT_ONCE: Final = 3  # questions about one conversation


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question to a person. ``other`` is what the other of rules and model says."""

    head: str
    why: str
    worth: int
    other: str = ""


def doubts_of(heads: Heads, *, unsure: Collection[str], lot: int) -> list[Doubt]:
    """The questions about one message, at most three, in the order of asking.

    ``unsure`` names the heads below their threshold (:mod:`careloop.triage.thresholds`). ``lot`` is any number that
    is spread evenly over messages; one in eight is asked what merely teaches much.
    """
    known = [(head, heads[head]) for head in WEIGHT if head in heads]
    found = [_doubt(head, result, is_unsure=head in unsure, lot=lot) for head, result in known]
    return [doubt for doubt in found if doubt is not None][:MOST_AT_ONCE]


def _doubt(head: str, result: HeadResult, *, is_unsure: bool, lot: int) -> Doubt | None:
    if head == CRISIS and not result.labels:
        return None  # nothing was found that one could doubt
    margin = 1.0 if head == CRISIS else _margin(result)
    worth = WEIGHT[head] + round(FOR_A_NARROW_CHOICE * (1 - min(margin, result.confidence)))
    if head == CRISIS:
        is_unsure = result.confidence < FAINT
    elif head in MINOR_HEADS and margin >= NARROW:
        return None
    if is_unsure:
        return Doubt(head, UNSURE, worth + (FOR_DISAGREEMENT if result.doubted else 0), result.doubted)
    if result.doubted and (result.source in LEARNED or result.confidence < DISPUTED):
        return Doubt(head, DISAGREE, worth + FOR_DISAGREEMENT, result.doubted)
    if margin < NARROW and lot % ONE_IN == 0:
        return Doubt(head, TELLING, worth, result.ranked[1][0])
    return None


def _margin(result: HeadResult) -> float:
    return result.ranked[0][1] - result.ranked[1][1] if len(result.ranked) > 1 else 1.0
