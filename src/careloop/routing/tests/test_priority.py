"""The score, its tiers and its classes, against sorting by the exact formula."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.routing.priority import (
    CLASS_COUNT,
    CLASS_RATIO,
    FASTEST,
    ORDINARY,
    PREEMPTS,
    SLOWEST,
    STATUTORY,
    Case,
    Weights,
    class_of,
    class_slope,
    rank,
    score,
)

PLAIN = Case(severity=0.5, value=0.4, source=0.5, target_hours=24, handling_hours=1)


def test_the_weight_is_the_documented_sum() -> None:  # mission 12
    found = score(PLAIN)
    assert found.weight == pytest.approx(0.6 * 0.5 + 0.25 * 0.4 + 0.15 * 0.5)
    assert found.parts == {
        "severity": pytest.approx(0.3),
        "value": pytest.approx(0.1),
        "source": pytest.approx(0.075),
        "factor": 1.0,
    }


def test_the_index_is_weight_times_relative_age_over_handling_time() -> None:  # domain 5.1
    found = score(Case(1, 0, 0, target_hours=4, handling_hours=0.5))
    assert found.index(2) == pytest.approx(0.6 * (2 / 4) / 0.5)


def test_gamma_bends_the_age_but_keeps_the_class_free_of_time() -> None:
    found = score(Case(1, 0, 0, target_hours=4, handling_hours=0.5), Weights(gamma=2))
    assert found.index(2) == pytest.approx(0.6 * (2 / 4) ** 2 / 0.5)


def test_a_reopened_or_late_case_counts_a_quarter_more_once() -> None:
    late = Case(0.5, 0.4, 0.5, 24, 1, is_reopened=True, is_late=True)
    assert score(late).weight == pytest.approx(1.25 * score(PLAIN).weight)


def test_a_rich_customer_cannot_hide_a_severe_case() -> None:
    greedy = Weights(severity=0.1, value=5, source=5)
    assert sum(greedy.shares) == pytest.approx(1)
    assert greedy.shares[0] == pytest.approx(0.6)


def test_danger_goes_before_everything_and_value_never_reaches_it() -> None:
    rich = Case(1, 1, 1, target_hours=0.5, handling_hours=0.1, is_late=True)
    assert score(rich).tier == ORDINARY
    assert score(Case(0, 0, 0, 24, 1, is_danger=True)).tier == PREEMPTS


@pytest.mark.parametrize(
    ("slack", "close", "tier"),
    [(25, 24, ORDINARY), (24, 24, STATUTORY), (30, 40, STATUTORY), (-5, 24, STATUTORY)],
)
def test_a_statutory_clock_running_out_goes_before_ordinary_work(slack: float, close: float, tier: int) -> None:
    case = Case(0, 0, 0, 24, 1, statutory_slack_hours=slack, statutory_close_hours=close)
    assert score(case).tier == tier


def test_nobody_starves_for_lack_of_weight() -> None:
    assert score(Case(0, 0, 0, target_hours=24, handling_hours=1)).index(1000) > 0


@pytest.mark.parametrize(
    "bad",
    [{"severity": 0}, {"severity": -1}, {"value": -0.1}, {"late_factor": 0.5}, {"gamma": 0}, {"gamma": 9}],
)
def test_weights_that_make_no_sense_are_refused(bad: dict[str, float]) -> None:  # mission 13
    with pytest.raises(ValueError):
        Weights(**bad)


slopes = st.floats(math.log(SLOWEST), math.log(FASTEST) - 1e-6).map(math.exp)
ages = st.floats(1e-3, 1e5)


@given(slopes)
def test_a_class_stands_for_its_slopes_to_half_a_class_width(slope: float) -> None:
    klass = class_of(slope)
    assert 0 <= klass < CLASS_COUNT
    assert 1 / math.sqrt(CLASS_RATIO) * 0.999 <= class_slope(klass) / slope <= math.sqrt(CLASS_RATIO) * 1.001


@given(slopes, slopes)
def test_a_faster_slope_is_never_in_a_slower_class(one: float, other: float) -> None:
    slow, fast = sorted((one, other))
    assert class_of(slow) <= class_of(fast)


@given(st.floats(0, 1e9))
def test_slopes_beyond_the_range_get_the_outer_classes(slope: float) -> None:
    assert 0 <= class_of(slope) < CLASS_COUNT


@given(st.lists(st.tuples(slopes, ages), min_size=1, max_size=40))
def test_the_best_head_is_the_true_best_to_the_class_width(queue: list[tuple[float, float]]) -> None:
    """The oldest of each class, compared by class and age, against the exact maximum over everything."""
    heads: dict[int, tuple[float, float]] = {}
    for slope, age in queue:
        heads[class_of(slope)] = max(heads.get(class_of(slope), (0.0, 0.0)), (age, slope))
    _, (age, slope) = max(heads.items(), key=lambda head: rank(head[0], head[1][0]))
    exact = max(each_slope * each_age for each_slope, each_age in queue)
    assert slope * age >= exact / CLASS_RATIO**1.5 * 0.999


@given(st.tuples(slopes, ages), st.tuples(slopes, ages))
def test_two_cases_further_apart_than_one_class_are_ordered_as_by_the_formula(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    first, second = sorted((one, other), key=lambda case: -case[0] * case[1])
    if first[0] * first[1] > CLASS_RATIO * 1.001 * second[0] * second[1]:
        assert rank(class_of(first[0]), first[1]) > rank(class_of(second[0]), second[1])


units = st.floats(0, 1)
cases = st.builds(
    Case,
    severity=units,
    value=units,
    source=units,
    target_hours=st.floats(0.01, 2000),
    handling_hours=st.floats(0, 40),
    is_late=st.booleans(),
)


@given(cases, units, ages)
def test_more_severity_or_more_waiting_never_lowers_the_index(case: Case, severity: float, age: float) -> None:
    milder = Case(
        min(case.severity, severity), case.value, case.source, case.target_hours, case.handling_hours,
        is_late=case.is_late,
    )  # fmt: skip
    assert score(milder).index(age) <= score(case).index(age) * 1.000001
    assert score(case).index(age) <= score(case).index(age * 2)


@given(st.floats(), st.floats(), st.floats())
def test_any_numbers_give_a_finite_score(severity: float, value: float, source: float) -> None:
    found = score(Case(severity, value, source, target_hours=1, handling_hours=1))
    assert math.isfinite(found.index(1e6))
    assert 0 <= found.klass < CLASS_COUNT
