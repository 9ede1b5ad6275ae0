"""How likely a customer is lost over one complaint: from the days to solve it, the satisfaction, how grave it was.

Seed A sketches L = S + P - T and computes 1.8, which is no probability; there satisfaction raises and gravity lowers
the risk (mission 20). `seed_sketch` keeps that sum by its name. `ChurnFormula` has the same three inputs, the right
signs, and stays between nought and one. Its start values are a judgement, not a measurement: until `beats_base_rate`
holds on customers it was not fitted on, a screen calls it uncalibrated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from careloop.customers.engine.errors import BadHistory, TooFewCustomers
from careloop.customers.engine.fitness import brier
from careloop.customers.engine.histories import Numbers

GRAVITY: Final[Mapping[str, float]] = MappingProxyType({"minor": 0.0, "moderate": 0.5, "severe": 1.0})
TARGET_DAYS = 3.0
BASE_RATE = 0.1
EVENTS_PER_COEFFICIENT = 10
PRIOR_SPREAD = 1.0  # standard deviation of each coefficient around its start value


@dataclass(frozen=True, slots=True)
class Complaint:
    """A handled complaint. `satisfaction` is 0 to 1, or None when the customer did not say."""

    days: float
    satisfaction: float | None
    severity: str


@dataclass(frozen=True, slots=True)
class ChurnFormula:
    """L = 1 / (1 + exp(-(b0 + bS·s + bP·d + bT·t))), s = S/(S+S0), d = 1 - P, t = gravity; coefficients ≥ 0."""

    base_rate: float = BASE_RATE
    days: float = 1.0
    dissatisfaction: float = 2.0
    gravity: float = 1.0
    target_days: float = TARGET_DAYS
    usual_satisfaction: float = 0.8  # taken for customers who did not say; a screen says so
    events: int = 0  # customers who left among those it was fitted on; 0 for the start values

    def chance(self, complaint: Complaint) -> float:
        """Between 0 and 1: up with days and gravity, down with satisfaction. Raises BadHistory for impossible input."""
        return float(special.expit(special.logit(self.base_rate) + sum(self.parts(complaint).values())))

    def parts(self, complaint: Complaint) -> dict[str, float]:
        """What each input adds to the logarithm of the odds over the base rate, for the reasons a screen shows."""
        waited, unhappy, grave = self._inputs(complaint)
        return {
            "days": self.days * waited,
            "dissatisfaction": self.dissatisfaction * unhappy,
            "gravity": self.gravity * grave,
        }

    def _inputs(self, complaint: Complaint) -> tuple[float, float, float]:
        said = self.usual_satisfaction if complaint.satisfaction is None else complaint.satisfaction
        if not (complaint.days >= 0 and 0 <= said <= 1 and complaint.severity in GRAVITY):
            raise BadHistory("Days must not be negative, satisfaction lies between 0 and 1, severity is a known level.")
        waited = 1.0 if np.isinf(complaint.days) else complaint.days / (complaint.days + self.target_days)
        return waited, 1 - said, GRAVITY[complaint.severity]


def seed_sketch(days: float, satisfaction: float, gravity: float) -> float:
    """Seed A's own sum S + P - T, with T 0 to 2. 3 + 0.8 - 2 = 1.8: kept as the seed has it, shown to nobody."""
    return days + satisfaction - gravity


def fit(complaints: Sequence[Complaint], left: Sequence[bool], start: ChurnFormula | None = None) -> ChurnFormula:
    """The formula with coefficients drawn from its start values towards what happened, none below nought.

    The most likely coefficients under normal priors around the start values (standard deviation 1); the base rate is
    free. Raises TooFewCustomers with fewer than ten customers lost, or ten kept, for each of the four coefficients.
    """
    start = start or ChurnFormula()
    lost = np.asarray(left, dtype=float)
    needed = EVENTS_PER_COEFFICIENT * 4
    if min(lost.sum(), len(lost) - lost.sum()) < needed:
        raise TooFewCustomers(
            f"{int(lost.sum())} of {len(lost)} customers left; {needed} who left and {needed} who stayed are needed."
        )
    inputs = np.array([start._inputs(complaint) for complaint in complaints])
    before = np.array([start.days, start.dissatisfaction, start.gravity])

    def loss(values: npt.NDArray[np.float64]) -> float:
        scores = values[0] + inputs @ values[1:]
        likelihood = float((lost * special.log_expit(scores) + (1 - lost) * special.log_expit(-scores)).sum())
        return -likelihood + float(((values[1:] - before) ** 2).sum()) / (2 * PRIOR_SPREAD**2)

    bounds = [(-12.0, 12.0)] + [(0.0, None)] * 3
    begin = np.concatenate(([special.logit(start.base_rate)], before))
    base, days, dissatisfaction, gravity = optimize.minimize(loss, begin, method="L-BFGS-B", bounds=bounds).x.tolist()
    return ChurnFormula(
        base_rate=float(special.expit(base)),
        days=days,
        dissatisfaction=dissatisfaction,
        gravity=gravity,
        target_days=start.target_days,
        usual_satisfaction=start.usual_satisfaction,
        events=int(lost.sum()),
    )


def beats_base_rate(chances: Numbers, left: Sequence[bool]) -> bool:
    """Whether, on customers it was not fitted on, the chances are closer to what happened than the mean rate is."""
    happened = np.asarray(left, dtype=float)
    return brier(chances, happened) < brier(np.full(len(happened), happened.mean()), happened)
