"""Gamma-Gamma: what somebody's next purchases are worth, from the mean of the earlier ones.

Fader and Hardie, "The Gamma-Gamma model of monetary value" (2013). One purchase tells little of a customer, so that
the mean of few is drawn towards the mean of all. It assumes that how much one spends does not go with how often;
`independence` says how far that is true.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from careloop.customers.engine.bgnbd import BgNbd
from careloop.customers.engine.errors import TooFewCustomers
from careloop.customers.engine.histories import Histories, Numbers

FEWEST_SPENDERS = 30
LARGEST_CORRELATION = 0.3  # beyond it the model's assumption does not hold
WEEKS_PER_MONTH = 365.25 / 12 / 7
LARGEST_LOGARITHM = 15.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The three parameters; `v` carries the currency."""

    p: float
    q: float
    v: float

    @property
    def mean_of_all(self) -> float:
        """What a customer nobody knows yet spends on one purchase; endless for q ≤ 1, which no fit returns."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def expected(self, customers: Histories) -> Numbers:
        """The mean spend of each customer's purchases to come: their own mean, drawn towards everybody's."""
        px = self.p * customers.repeats
        trust = px / (px + self.q - 1)
        return (1 - trust) * self.mean_of_all + trust * customers.mean_spend

    def log_likelihood(self, customers: Histories) -> Numbers:
        """Of each customer with at least one repeat purchase and a spend above nought."""
        x, mean = customers.repeats, customers.mean_spend
        px = self.p * x
        return (
            -special.betaln(px, self.q)
            + self.q * np.log(self.v)
            + (px - 1) * np.log(mean)
            + px * np.log(x)
            - (px + self.q) * np.log(x * mean + self.v)
        )


def spenders(customers: Histories) -> Histories:
    """Those whose spend can teach something: a repeat purchase that cost more than nothing."""
    return customers.take((customers.repeats > 0) & (customers.mean_spend > 0))


def independence(customers: Histories) -> float:
    """The correlation of how often and how much; the model wants it below LARGEST_CORRELATION either way."""
    known = spenders(customers)
    if len(known) < 3 or np.ptp(known.repeats) == 0 or np.ptp(known.mean_spend) == 0:
        return 0.0
    return float(np.corrcoef(known.repeats, known.mean_spend)[0, 1])


def fit(customers: Histories) -> GammaGamma:
    """The likeliest parameters with q above 1, so that a mean exists.

    Raises TooFewCustomers below 30 customers with a paid repeat purchase.
    """
    known = spenders(customers.checked())
    if len(known) < FEWEST_SPENDERS:
        raise TooFewCustomers(f"{len(known)} customers who paid for a second purchase are too few; 30 are needed.")
    unit = float(np.median(known.mean_spend))  # so that the search does not depend on the currency
    scaled = Histories(known.repeats, known.last_at, known.age, known.mean_spend / unit)

    def loss(logarithms: npt.NDArray[np.float64]) -> float:
        p, above_one, v = np.exp(logarithms).tolist()
        return -float(GammaGamma(p, 1 + above_one, v).log_likelihood(scaled).mean())

    bounds = [(-LARGEST_LOGARITHM, LARGEST_LOGARITHM)] * 3
    found = optimize.minimize(loss, np.log([5.0, 3.0, 1.0]), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12})
    p, above_one, v = np.exp(found.x).tolist()
    return GammaGamma(p, 1 + above_one, v * unit)


def lifetime_value(
    counts: BgNbd, spend: GammaGamma, customers: Histories, *, months: int, margin: float, monthly_discount: float
) -> Numbers:
    """Σ over months of expected purchases × mean spend × margin / (1 + d)^t; margin is a share of revenue."""
    total = np.zeros(len(customers))
    before = np.zeros(len(customers))
    for month in range(1, months + 1):
        until = counts.expected(customers, month * WEEKS_PER_MONTH)
        total += (until - before) / (1 + monthly_discount) ** month
        before = until
    return total * spend.expected(customers) * margin
