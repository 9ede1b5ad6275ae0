"""The priority of waiting work: three tiers, and inside the last one a growing index. No database, no framework.

Tier 0, danger to people or money, goes before everything. Tier 1, a statutory clock that is running out, goes by
its due time. Tier 2 is everything else, served by the largest

    index = w * (age / D) ** gamma / p_hat

with `w = 0.6 severity + 0.25 value + 0.15 source` (each 0..1; value and source together never count for more
than 40 %, so that money cannot hide harm), times 1.25 when the case was reopened or is late; `age` the time the
customer has waited, `D` the target, `p_hat` the expected handling time. That is generalised c-mu for a cost that
grows with age over promise (van Mieghem 1995); it keeps growing after a breach, so nothing starves.

Since the index is `(slope * age) ** gamma` with `slope = (w / p_hat) ** (1 / gamma) / D`, the order of two cases
depends only on slope and age, and the slope does not change with time. Slopes are put into 64 geometric classes:
inside a class the oldest is always first, so "what is next" is the best of at most 64 heads, and no row is ever
rewritten because time passed. Two cases are ordered wrongly only when their slope times age differs by less than
`CLASS_RATIO`; that is the whole error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

CLASS_COUNT = 64
SLOWEST, FASTEST = 1e-4, 1e2
"""The slopes (per hour) that the classes span; beyond them a case gets the first or the last class."""
CLASS_RATIO = (FASTEST / SLOWEST) ** (1 / CLASS_COUNT)
"""From one class edge to the next: 1.241, so a class is right to 24 %."""

PREEMPTS, STATUTORY, ORDINARY = 0, 1, 2
MOST_FOR_VALUE_AND_SOURCE = 0.4
LEAST_WEIGHT = 0.02
"""No case weighs nothing, or it would never be served."""
LEAST_HANDLING_HOURS = 0.1
BUSINESS_DAY_HOURS = 24.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What an administrator may change. Severity and the rest are weights; `late_factor` multiplies."""

    severity: float = 0.6
    value: float = 0.25
    source: float = 0.15
    late_factor: float = 1.25
    gamma: float = 1.0

    def __post_init__(self) -> None:
        if min(self.severity, self.value, self.source) < 0 or self.severity == 0:
            raise ValueError("weights are not negative, and severity always counts")
        if not 1 <= self.late_factor <= 4:
            raise ValueError("the factor for reopened or late cases lies between 1 and 4")
        if not 0.25 <= self.gamma <= 4:
            raise ValueError("gamma lies between 0.25 and 4")

    @property
    def shares(self) -> tuple[float, float, float]:
        """Severity, value, source as shares of one; value and source are scaled down to 40 % together."""
        total = self.severity + self.value + self.source
        value, source = self.value / total, self.source / total
        scale = min(1.0, MOST_FOR_VALUE_AND_SOURCE / (value + source)) if value + source else 1.0
        value, source = value * scale, source * scale
        return 1 - value - source, value, source


@dataclass(frozen=True, slots=True)
class Case:
    """What the score is made of. Severity, value and source lie in 0..1 and are cut to it."""

    severity: float
    value: float
    source: float
    target_hours: float
    handling_hours: float
    is_reopened: bool = False
    is_late: bool = False
    is_danger: bool = False
    statutory_slack_hours: float | None = None
    """Until the first deadline of a law that still runs; None where none does."""
    statutory_close_hours: float = BUSINESS_DAY_HOURS
    """How little of it is close: one business day, or a fifth of the whole time where that is longer."""


@dataclass(frozen=True, slots=True)
class Score:
    """A scored case: its tier and class, and every part of the sum, so that a person can follow it."""

    tier: int
    klass: int
    slope: float
    weight: float
    gamma: float
    parts: Mapping[str, float] = field(default_factory=dict)

    def index(self, age_hours: float) -> float:
        """The exact index at this age; for showing. The order is kept by class and age alone."""
        return math.pow(self.slope * max(age_hours, 0.0), self.gamma)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def score(case: Case, weights: Weights | None = None) -> Score:
    """Tier, class and parts of one case. Pure: the same case and weights give the same score at any time."""
    weights = weights or Weights()
    parts = _parts(case, weights)
    weight = max(parts["severity"] + parts["value"] + parts["source"], LEAST_WEIGHT) * parts["factor"]
    hours = max(case.handling_hours, LEAST_HANDLING_HOURS)
    slope = math.pow(weight / hours, 1 / weights.gamma) / max(case.target_hours, 1 / 60)
    return Score(tier_of(case), class_of(slope), slope, weight, weights.gamma, parts)


def tier_of(case: Case) -> int:
    """0 for danger; 1 when a statutory clock is close to its end; else 2."""
    if case.is_danger:
        return PREEMPTS
    if case.statutory_slack_hours is None:
        return ORDINARY
    return STATUTORY if case.statutory_slack_hours <= case.statutory_close_hours else ORDINARY


def class_of(slope: float) -> int:
    """The geometric class 0..63 of a slope; a higher class climbs faster."""
    if slope <= SLOWEST:
        return 0
    return min(CLASS_COUNT - 1, int(math.log(slope / SLOWEST) / math.log(CLASS_RATIO)))


def class_slope(klass: int) -> float:
    """The slope that stands for a class: the geometric middle between its edges."""
    return SLOWEST * math.pow(CLASS_RATIO, klass + 0.5)


def rank(klass: int, age_hours: float) -> float:
    """What heads of classes are compared by; larger goes first."""
    return class_slope(klass) * age_hours


def _parts(case: Case, weights: Weights) -> dict[str, float]:
    severity, value, source = weights.shares
    late = case.is_reopened or case.is_late
    return {
        "severity": severity * _unit(case.severity),
        "value": value * _unit(case.value),
        "source": source * _unit(case.source),
        "factor": weights.late_factor if late else 1.0,
    }


def _unit(number: float) -> float:
    return 0.0 if math.isnan(number) else min(max(number, 0.0), 1.0)
