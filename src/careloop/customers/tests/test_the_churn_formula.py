"""The chance of losing a customer over a complaint (mission 20, domain 5.3)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.customers.engine.churn import GRAVITY, ChurnFormula, Complaint, beats_base_rate, fit, seed_sketch
from careloop.customers.engine.errors import BadHistory, TooFewCustomers

pytestmark = pytest.mark.offline

START = ChurnFormula()
days = st.floats(0, 1e9)
satisfaction = st.floats(0, 1)
severity = st.sampled_from(sorted(GRAVITY))


def test_the_seeds_literal_example_gives_1_8_which_is_no_probability() -> None:
    assert seed_sketch(3, 0.8, 2) == pytest.approx(1.8)


@pytest.mark.parametrize(
    ("complaint", "chance"),
    [
        (Complaint(3, 0.8, "severe"), 0.4262),
        (Complaint(0, 1, "minor"), 0.1),
        (Complaint(math.inf, 0, "severe"), 0.8585),
    ],
    ids=["the seed's case", "best", "limit of worst"],
)
def test_the_figures_of_the_domain_paper_come_out(complaint: Complaint, chance: float) -> None:
    assert START.chance(complaint) == pytest.approx(chance, abs=5e-5)


@given(days, satisfaction, severity)
def test_a_chance_lies_between_nought_and_one(waited: float, happy: float, level: str) -> None:
    chance = START.chance(Complaint(waited, happy, level))
    assert 0 < chance < 1


@given(days, days, satisfaction, satisfaction, severity)
def test_waiting_raises_it_and_satisfaction_lowers_it(
    one: float, other: float, sad: float, happy: float, level: str
) -> None:
    short, long = sorted((one, other))
    sad, happy = sorted((sad, happy))
    assert START.chance(Complaint(short, happy, level)) <= START.chance(Complaint(long, happy, level))
    assert START.chance(Complaint(short, happy, level)) <= START.chance(Complaint(short, sad, level))


@given(days, satisfaction)
def test_a_graver_complaint_raises_it(waited: float, happy: float) -> None:
    chances = [START.chance(Complaint(waited, happy, level)) for level in ("minor", "moderate", "severe")]
    assert chances == sorted(set(chances))


def test_who_did_not_say_counts_as_the_usual_customer() -> None:
    assert START.chance(Complaint(2, None, "minor")) == START.chance(Complaint(2, START.usual_satisfaction, "minor"))


@pytest.mark.parametrize(
    "complaint",
    [Complaint(-1, 0.5, "minor"), Complaint(1, 1.5, "minor"), Complaint(math.nan, 1, "minor"), Complaint(1, 1, "bad")],
    ids=["negative days", "satisfaction above one", "no number", "unknown level"],
)
def test_impossible_input_is_refused(complaint: Complaint) -> None:
    with pytest.raises(BadHistory):
        START.chance(complaint)


def _company(count: int, truth: ChurnFormula, seed: int = 5) -> tuple[list[Complaint], list[bool]]:
    draw = np.random.default_rng(seed)
    complaints = [
        Complaint(float(draw.exponential(4)), float(draw.random()), str(draw.choice(sorted(GRAVITY))))
        for _ in range(count)
    ]
    return complaints, [bool(draw.random() < truth.chance(one)) for one in complaints]


def test_a_fit_moves_towards_what_happened_and_beats_the_base_rate_on_others() -> None:
    truth = ChurnFormula(base_rate=0.05, days=2.5, dissatisfaction=3.0, gravity=0.2)
    fitted = fit(*_company(4_000, truth))
    assert fitted.days == pytest.approx(2.5, abs=0.6)
    assert fitted.gravity == pytest.approx(0.2, abs=0.25)
    others, left = _company(2_000, truth, seed=6)
    assert beats_base_rate(np.array([fitted.chance(one) for one in others]), left)


def test_no_coefficient_turns_the_wrong_way_even_when_the_customers_do() -> None:
    complaints, left = _company(2_000, ChurnFormula())
    contrary = [not gone for gone in left]
    fitted = fit(complaints, contrary)
    assert min(fitted.days, fitted.dissatisfaction, fitted.gravity) >= 0


def test_few_losses_teach_nothing() -> None:
    complaints, _ = _company(500, ChurnFormula())
    with pytest.raises(TooFewCustomers, match="39 of 500"):
        fit(complaints, [at < 39 for at in range(500)])
