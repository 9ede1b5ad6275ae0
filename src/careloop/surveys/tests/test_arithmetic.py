"""The numbers of a survey (mission 22, domain §3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.surveys.arithmetic import distribution, mean_of, mean_score, top_two, wilson


def test_the_seeds_example_four_five_three_is_four() -> None:
    assert mean_score((4, 5, 3)) == 4  # mission 22


def test_the_mean_of_nothing_is_nothing() -> None:
    assert mean_of([]) is None
    assert mean_of([(4, 5, 3), (5, 5, 5)]) == 4.5


def test_eighteen_of_twenty_lies_between_69_9_and_97_2_percent() -> None:
    share = wilson(18, 20)
    assert (share.share, round(share.low, 3), round(share.high, 3)) == (0.9, 0.699, 0.972)


def test_without_answers_nothing_is_claimed() -> None:
    assert (wilson(0, 0).share, wilson(0, 0).low, wilson(0, 0).high) == (None, 0.0, 1.0)


def test_top_two_counts_fours_and_fives() -> None:
    assert (top_two([5, 4, 3, 1]).hits, top_two([5, 4, 3, 1]).n) == (2, 4)


def test_the_distribution_shows_zeros_too() -> None:
    assert distribution([5, 5, 1]) == {1: 1, 2: 0, 3: 0, 4: 0, 5: 2}


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(case: tuple[int, int]) -> None:
    share = wilson(*case)
    assert share.share is not None
    assert 0 <= share.low <= share.share + 1e-12
    assert share.share - 1e-12 <= share.high <= 1


@pytest.mark.parametrize("n", [1, 10, 100])
def test_more_answers_make_the_interval_narrower(n: int) -> None:
    few, many = wilson(n, 2 * n), wilson(10 * n, 20 * n)
    assert many.high - many.low < few.high - few.low
