"""BG/NBD: how often somebody buys who may leave for good after any purchase without saying so.

Fader, Hardie and Lee, "Counting your customers the easy way" (Marketing Science 24, 2005). Purchases come at a rate
that differs between customers (gamma: shape r, rate alpha in weeks); after each one a customer leaves with a chance
that differs too (beta: a, b). A customer is known by x repeats, the last at t_x, observed for T weeks.
Not for subscriptions: there leaving is said, and survival curves are the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from careloop.customers.engine.errors import TooFewCustomers
from careloop.customers.engine.histories import Histories, Numbers

FEWEST_CUSTOMERS = 30
FEWEST_REPEATERS = 10
# Where a formula divides nought by nought it is taken a step to either side, and what lies between.
STEP = 1e-4
STARTS = ((0.5, 5.0, 0.8, 2.5), (1.0, 10.0, 1.0, 1.0), (0.2, 2.0, 2.0, 8.0))
MOST_TERMS = 50_000
SMALLEST_TERM = 1e-17
LARGEST_LOGARITHM = 12.0  # of a parameter: a fit that runs beyond e^12 tells of data without that trait


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The four parameters; `alpha` is in the weeks of the histories they were fitted on."""

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, customers: Histories) -> Numbers:
        """Of each customer, in logarithms throughout, so that hundreds of purchases neither over- nor underflow."""
        x, recency, age = customers.repeats, customers.last_at, customers.age
        counted = special.gammaln(self.r + x) - special.gammaln(self.r) + self.r * np.log(self.alpha)
        stayed = special.betaln(self.a, self.b + x) - special.betaln(self.a, self.b)
        still = stayed - (self.r + x) * np.log(self.alpha + age)
        with np.errstate(divide="ignore", invalid="ignore"):
            went = (
                special.betaln(self.a + 1, self.b + np.maximum(x, 1) - 1)
                - special.betaln(self.a, self.b)
                - (self.r + x) * np.log(self.alpha + recency)
            )
        return counted + np.where(x > 0, np.logaddexp(still, went), still)

    def alive(self, customers: Histories) -> Numbers:
        """The chance that each is still a customer. Without a repeat it is 1: the model lets nobody go before one."""
        return np.asarray(special.expit(-self._odds_of_having_left(customers)), dtype=float)

    def expected(self, customers: Histories, weeks: float) -> Numbers:
        """How many purchases each will make in the next `weeks`, on average over all who look like them."""
        if abs(self.a - 1) < STEP:
            sides = [BgNbd(self.r, self.alpha, 1 + step, self.b) for step in (-STEP, STEP)]
            below, above = (_if_alive(side, customers, weeks) for side in sides)
            return (below + (above - below) * (self.a - 1 + STEP) / (2 * STEP)) * self.alive(customers)
        return _if_alive(self, customers, weeks) * self.alive(customers)

    def chance_of_buying(self, customers: Histories, weeks: float) -> Numbers:
        """The chance of at least one purchase in the next `weeks`: alive, and not too slow."""
        kept = np.log1p(weeks / (self.alpha + customers.age)) * (self.r + customers.repeats)
        return self.alive(customers) * -np.expm1(-kept)

    def _odds_of_having_left(self, customers: Histories) -> Numbers:
        """Logarithms, minus infinity for whoever has not bought again yet."""
        x = customers.repeats
        silence = np.log(self.alpha + customers.age) - np.log(self.alpha + customers.last_at)
        once = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        return np.where(x > 0, once + (self.r + x) * silence, -np.inf)


PUBLISHED: Final = BgNbd(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)
"""The paper's fit on 2,357 customers of the record shop CDNOW: a common clock, not a forecast for other shops."""


def fit(customers: Histories) -> BgNbd:
    """The likeliest parameters, sought over their logarithms from a few starts.

    Raises TooFewCustomers below 30 customers or 10 who bought again: the four numbers would be guesses.
    """
    repeaters = int((customers.repeats > 0).sum())
    if len(customers) < FEWEST_CUSTOMERS or repeaters < FEWEST_REPEATERS:
        raise TooFewCustomers(
            f"{len(customers)} customers, {repeaters} of whom bought again, are too few;"
            f" {FEWEST_CUSTOMERS} and {FEWEST_REPEATERS} are needed."
        )
    distinct, counts = _grouped(customers.checked())

    def loss(logarithms: npt.NDArray[np.float64]) -> float:
        model = BgNbd(*np.exp(logarithms).tolist())
        return -float(counts @ model.log_likelihood(distinct)) / len(customers)

    bounds = [(-LARGEST_LOGARITHM, LARGEST_LOGARITHM)] * 4
    found = [
        optimize.minimize(loss, np.log(start), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-8})
        for start in STARTS
    ]
    best = min(found, key=lambda one: float(one.fun))
    return BgNbd(*np.exp(best.x).tolist())


def _if_alive(model: BgNbd, customers: Histories, weeks: float) -> Numbers:
    """E[Y(t)] of a customer who is alive now, after Euler's transformation of the hypergeometric function.

    As printed, 2F1(r+x, b+x; a+b+x-1; z) grows beyond every number for frequent buyers. With
    2F1(A, B; C; z) = (1-z)^(C-A-B) 2F1(C-A, C-B; C; z) the powers cancel to (1-z)^(a-1), and what is left stays small.
    """
    x = customers.repeats
    third = model.a + model.b + x - 1
    third = np.where(np.abs(third) < STEP, STEP, third)
    rest = model.alpha + customers.age
    curve = _hypergeometric(model.a + model.b - 1 - model.r, model.a - 1, third, weeks / (rest + weeks))
    shrunk = np.exp((model.a - 1) * -np.log1p(weeks / rest)) * curve
    expected = third / (model.a - 1) * (1 - shrunk)
    return np.clip(expected, 0.0, weeks * (model.r + x) / rest)  # never more than if nobody ever left


def _hypergeometric(first: float, second: float, third: Numbers, z: Numbers) -> Numbers:
    """2F1 by its series, for 0 ≤ z < 1; terms fall at least as fast as z^n. scipy's is NaN for many a large `third`."""
    term = np.ones_like(z)
    total = term.copy()
    for n in range(MOST_TERMS):
        term = term * (first + n) * (second + n) / ((third + n) * (n + 1)) * z
        total += term
        if (np.abs(term) <= SMALLEST_TERM * np.abs(total)).all():
            break
    return total


def _grouped(customers: Histories) -> tuple[Histories, Numbers]:
    """Customers with the same history once, and how many they are: a likelihood costs a fraction of that of all."""
    columns = np.stack([customers.repeats, customers.last_at, customers.age], axis=1)
    distinct, counts = np.unique(columns, axis=0, return_counts=True)
    x, recency, age = distinct.T
    return Histories(x, recency, age, np.zeros(len(distinct))), counts.astype(float)
