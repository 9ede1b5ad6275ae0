"""Below what confidence triage abstains and asks a person: what ships, and what an administrator chose instead.

A prediction is kept and shown all the same; it is marked, and the review queue lists it. Signals of a crisis are never
held back for a person's yes, and heads that nobody acts on are not asked about: their threshold is 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from careloop.common.remembering import forget_on_change, remembered
from careloop.triage.engine.heads import EMOTION, HANDLING_CLASS, INTENT, NATURE, PHASE, SEVERITY
from careloop.triage.models import HeadThreshold

SHIPPED: Mapping[str, float] = {
    NATURE: 0.6, SEVERITY: 0.6, HANDLING_CLASS: 0.6, INTENT: 0.6, PHASE: 0.6, EMOTION: 0.6,
}  # fmt: skip
THRESHOLDS = "triage thresholds"


def thresholds() -> Mapping[str, float]:
    """The threshold of every head that has one; remembered for a few seconds."""
    return remembered(THRESHOLDS, _read)


def threshold_of(head: str) -> float:
    """Between 0 (never asks) and 1."""
    return thresholds().get(head, 0.0)


def watch_changes() -> None:
    """Called once, when the room is ready."""
    forget_on_change(THRESHOLDS, HeadThreshold)


def _read() -> Mapping[str, float]:
    return {**SHIPPED, **dict(HeadThreshold.objects.values_list("head", "unsure_below"))}
