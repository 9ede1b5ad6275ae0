"""RFM, BG/NBD and Gamma-Gamma: the figures of domain 5.2, and what must hold whatever a customer did."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from careloop.customers.engine import bgnbd, gamma_gamma, rfm
from careloop.customers.engine.bgnbd import BgNbd
from careloop.customers.engine.errors import BadHistory, TooFewCustomers
from careloop.customers.engine.gamma_gamma import GammaGamma
from careloop.customers.engine.histories import Histories, History, history_of

pytestmark = pytest.mark.offline

CDNOW = BgNbd(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)

shape = st.floats(0.05, 20)
around_one = st.one_of(st.floats(0.3, 4), st.floats(0.9998, 1.0002))  # where the formula has a gap
models = st.builds(BgNbd, shape, st.floats(0.05, 100), shape, shape)


@st.composite
def customers(draw: st.DrawFn, most_repeats: int = 400) -> Histories:
    age = draw(st.floats(0.2, 500))
    repeats = draw(st.integers(0, most_repeats))
    last_at = draw(st.floats(0.01, 1)) * age if repeats else 0.0
    return Histories.of([History(repeats, last_at, age, 20.0 if repeats else 0.0)])


def one(repeats: int, last_at: float, age: float, mean_spend: float = 0.0) -> Histories:
    return Histories.of([History(repeats, last_at, age, mean_spend)])


def test_the_figures_of_the_domain_paper_come_out() -> None:
    known = one(2, 30.43, 38.86)
    assert CDNOW.alive(known)[0] == pytest.approx(0.7266, abs=5e-5)
    assert CDNOW.expected(known, 39)[0] == pytest.approx(1.2259, abs=5e-5)


def test_who_has_not_bought_again_yet_counts_as_a_customer() -> None:
    assert CDNOW.alive(one(0, 0, 500))[0] == 1


@settings(max_examples=150, deadline=None)
@given(models, customers(), st.floats(0.1, 300))
def test_forecasts_are_finite_and_possible(model: BgNbd, known: Histories, weeks: float) -> None:
    alive, expected = model.alive(known)[0], model.expected(known, weeks)[0]
    chance = model.chance_of_buying(known, weeks)[0]
    assert 0 <= alive <= 1
    assert 0 <= chance <= alive
    assert np.isfinite(expected)
    assert expected >= 0
    assert np.isfinite(model.log_likelihood(known)[0])


@settings(max_examples=80, deadline=None)
@given(models, customers(40), st.floats(1, 100))
def test_more_weeks_bring_no_fewer_purchases(model: BgNbd, known: Histories, weeks: float) -> None:
    sooner, later = model.expected(known, weeks)[0], model.expected(known, weeks * 2)[0]
    assert sooner <= later + 1e-9
    assert model.chance_of_buying(known, weeks)[0] <= model.chance_of_buying(known, weeks * 2)[0] + 1e-12


@settings(max_examples=80, deadline=None)
@given(models, st.integers(1, 60), st.floats(1, 100), st.floats(0, 300), st.floats(0.1, 300))
def test_silence_makes_a_customer_less_likely_to_be_one(
    model: BgNbd, repeats: int, last_at: float, silence: float, longer: float
) -> None:
    now = model.alive(one(repeats, last_at, last_at + silence))[0]
    then = model.alive(one(repeats, last_at, last_at + silence + longer))[0]
    assert then <= now


@settings(max_examples=60, deadline=None)
@given(
    st.builds(BgNbd, st.floats(0.1, 5), st.floats(0.5, 30), around_one, st.floats(0.3, 6)),
    customers(60),
    st.floats(0.5, 150),
)
def test_the_printed_formula_agrees_with_the_sum_over_all_customers_it_stands_for(
    model: BgNbd, known: Histories, weeks: float
) -> None:
    """Twin: the mean over all rates and all chances of leaving, taken as one integral instead of 2F1."""
    assert model.expected(known, weeks)[0] == pytest.approx(_by_integral(model, known, weeks), rel=2e-5, abs=1e-9)


def _by_integral(model: BgNbd, known: Histories, weeks: float) -> float:
    x, age = known.repeats[0], known.age[0]
    scale = special.betaln(model.a, model.b + x)

    def share(p: float) -> float:
        density = np.exp((model.a - 1) * np.log(p) + (model.b + x - 1) * np.log1p(-p) - scale)
        return -np.expm1(-(model.r + x) * np.log1p(p * weeks / (model.alpha + age))) / p * density

    middle = (model.a + 0.5) / (model.a + model.b + x + 1)
    pieces = [integrate.quad(share, low, high, limit=400)[0] for low, high in ((0, middle), (middle, 1))]
    return float(sum(pieces) * model.alive(known)[0])


def test_a_fit_finds_the_parameters_that_made_the_customers() -> None:
    made = _made(CDNOW, 6_000)
    found = bgnbd.fit(made)
    assert found.r == pytest.approx(CDNOW.r, rel=0.1)
    assert found.alpha == pytest.approx(CDNOW.alpha, rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(CDNOW.a / (CDNOW.a + CDNOW.b), rel=0.15)
    assert found.log_likelihood(made).sum() >= CDNOW.log_likelihood(made).sum()


def test_a_fit_on_another_clock_changes_only_the_rate() -> None:
    made = _made(CDNOW, 3_000)
    in_days = Histories(made.repeats, made.last_at * 7, made.age * 7, made.mean_spend)
    weekly, daily = bgnbd.fit(made), bgnbd.fit(in_days)
    assert daily.alpha == pytest.approx(weekly.alpha * 7, rel=0.01)
    assert daily.alive(in_days) == pytest.approx(weekly.alive(made), abs=0.002)


def _made(model: BgNbd, count: int) -> Histories:
    """Customers as the model says they come about, observed for 27 to 39 weeks."""
    draw = np.random.default_rng(7)
    rows = []
    for _ in range(count):
        rate, leaves, age = draw.gamma(model.r, 1 / model.alpha), draw.beta(model.a, model.b), draw.uniform(27, 39)
        at, repeats, last = draw.exponential(1 / max(rate, 1e-9)), 0, 0.0
        while at <= age:
            repeats, last = repeats + 1, at
            at = np.inf if draw.random() < leaves else at + draw.exponential(1 / rate)
        rows.append(History(repeats, last, age))
    return Histories.of(rows)


def test_few_customers_teach_nothing() -> None:
    with pytest.raises(TooFewCustomers, match="29 customers"):
        bgnbd.fit(_made(CDNOW, 29))
    with pytest.raises(TooFewCustomers):
        gamma_gamma.fit(one(2, 3, 4, 10.0))


@pytest.mark.parametrize(
    "row",
    [History(1, 5, 4), History(-1, 0, 4), History(1, float("nan"), 4), History(1, 1, float("inf"))],
    ids=["after today", "fewer than none", "no number", "endless"],
)
def test_impossible_histories_are_refused(row: History) -> None:
    with pytest.raises(BadHistory):
        Histories.of([row])


def test_purchases_of_one_day_are_one_and_the_first_is_no_repeat() -> None:
    first = date(2026, 1, 1)
    bought = [(first, 30.0), (first, 5.0), (first + timedelta(14), 20.0), (first + timedelta(28), 40.0)]
    assert history_of(bought, first + timedelta(35)) == History(2, 4.0, 5.0, 30.0)
    assert history_of(bought, first + timedelta(20)) == History(1, 2.0, 20 / 7, 20.0)
    assert history_of(bought, first - timedelta(1)) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200), st.floats(0.01, 1e5))
def test_expected_spend_lies_between_ones_own_mean_and_everybodys(repeats: int, mean: float) -> None:
    expected = SPEND.expected(one(repeats, 1, 2, mean))[0]
    low, high = sorted((mean, SPEND.mean_of_all))
    assert low - 1e-6 <= expected <= high * (1 + 1e-12) + 1e-6


def test_a_fit_of_spend_finds_the_parameters_and_follows_the_currency() -> None:
    draw = np.random.default_rng(3)
    repeats = draw.integers(1, 9, 6_000).astype(float)
    rates = draw.gamma(SPEND.q, 1 / SPEND.v, 6_000)
    mean = draw.gamma(SPEND.p * repeats, 1 / (rates * repeats))
    known = Histories(repeats, repeats, repeats + 1, mean)
    found, in_fen = gamma_gamma.fit(known), gamma_gamma.fit(Histories(repeats, repeats, repeats + 1, mean * 100))
    assert found.mean_of_all == pytest.approx(SPEND.mean_of_all, rel=0.04)
    assert found.q == pytest.approx(SPEND.q, rel=0.12)
    assert in_fen.mean_of_all == pytest.approx(found.mean_of_all * 100, rel=1e-3)
    assert abs(gamma_gamma.independence(known)) < 0.1


def test_lifetime_value_is_the_sum_of_discounted_months() -> None:
    known = one(3, 20, 25, 50.0)
    value = gamma_gamma.lifetime_value(CDNOW, SPEND, known, months=12, margin=0.4, monthly_discount=0.0)[0]
    purchases = CDNOW.expected(known, 12 * gamma_gamma.WEEKS_PER_MONTH)[0]
    assert value == pytest.approx(purchases * SPEND.expected(known)[0] * 0.4)
    discounted = gamma_gamma.lifetime_value(CDNOW, SPEND, known, months=12, margin=0.4, monthly_discount=0.01)[0]
    assert 0 < discounted < value


def test_fifths_are_equal_and_ties_stand_together() -> None:
    assert np.bincount(rfm.fifths(list(range(100))))[1:].tolist() == [20] * 5
    assert set(rfm.fifths([1.0] * 9)) == {3}
    assert rfm.scores([1, 400], [9, 1], [900, 10]).tolist() == [[4, 4, 4], [2, 2, 2]]
    assert len(rfm.fifths([])) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_who_has_more_never_stands_lower(values: list[float]) -> None:
    placed = rfm.fifths(values)
    order = np.argsort(values)
    assert (np.diff(placed[order]) >= 0).all()
    assert ((placed >= 1) & (placed <= 5)).all()


def test_the_arithmetic_imports_neither_django_nor_the_rest_of_us() -> None:
    names = (
        "bgnbd",
        "churn",
        "evaluation",
        "fitting_apart",
        "gamma_gamma",
        "learned",
        "learning",
        "outcomes",
        "rfm",
        "scale",
    )
    imports = "; ".join(f"import careloop.customers.engine.{name}" for name in names)
    said = "[name for name in sys.modules if name.startswith(('django', 'careloop.')) and '.customers' not in name]"
    done = subprocess.run([sys.executable, "-c", f"import sys; {imports}; assert not {said}, {said}"], check=False)
    assert done.returncode == 0
