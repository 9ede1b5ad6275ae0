"""Below what confidence triage abstains and asks a person: what ships, and what an administrator chose instead.

A prediction is kept and shown all the same; it is marked, and the review queue lists it. Signals of a crisis are never
held back for a person's yes, and heads that nobody acts on are not asked about: their threshold is 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from careloop.common.remembering import forget_on_change, remembered
from careloop.triage.engine.heads import EMOTION, HANDLING_CLASS, INTENT, NATURE, PHASE, SEVERITY
from careloop.triage.models import HeadThreshold

# Chosen on the demo's 314 written openings (by the rules): below these 16 % of natures are asked about, of which
# 69 % are right instead of 95 %, 12 % of severities (37 % instead of 71 %), 5 % of classes (67 % instead of 90 %) and
# 6 % of phases (50 % instead of 93 %). With 0.6 for all, half of all messages would bring a question about intent.
SHIPPED: Mapping[str, float] = {
    NATURE: 0.45, SEVERITY: 0.55, HANDLING_CLASS: 0.5, INTENT: 0.35, PHASE: 0.5, EMOTION: 0.4,
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
