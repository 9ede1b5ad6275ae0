"""Deadlines: the seed's table put on a calendar with a lunch break, a day off and a swapped Sunday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.business_hours.arithmetic import Schedule, around_the_clock, read_week
from careloop.sla.deadlines import Deadline, Target, deadline, earliest

SHANGHAI = ZoneInfo("Asia/Shanghai")
CARE = Schedule(
    zone="Asia/Shanghai",
    week=read_week([["09:00-12:00", "13:00-18:00"]] * 6 + [[]]),
    closed=frozenset({date(2026, 9, 25)}),
    works_like={date(2026, 9, 20): 0},
)
HOUR = 3600
PRIVATE_MESSAGE = Target("private_message", HOUR, after_opening_seconds=HOUR)
COMMENT = Target("public_comment", 2 * HOUR, after_opening_seconds=HOUR)
ORDER = Target("order", 4 * HOUR, after_opening_seconds=HOUR)
PRODUCT = Target("product", 12 * HOUR, business=False, after_opening_seconds=HOUR)
EMERGENCY = Target("emergency", 300, business=False)
VIP = Target("vip", 1800, after_opening_seconds=1800)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


def due(target: Target, *parts: int) -> datetime:
    return deadline(target, at(*parts), CARE).due_at.astimezone(SHANGHAI)


def test_a_private_message_in_working_hours_is_due_within_one_hour() -> None:  # mission 61
    assert due(PRIVATE_MESSAGE, 2026, 9, 15, 10, 0) == at(2026, 9, 15, 11, 0)


def test_a_public_comment_in_working_hours_is_due_within_two_hours() -> None:  # mission 61
    assert due(COMMENT, 2026, 9, 15, 10, 30) == at(2026, 9, 15, 13, 30)


@pytest.mark.parametrize("target", [PRIVATE_MESSAGE, COMMENT, ORDER])
def test_off_hours_everything_is_due_within_one_hour_of_the_next_opening(
    target: Target,
) -> None:  # mission 62
    assert due(target, 2026, 9, 15, 18, 0) == at(2026, 9, 16, 10, 0)
    assert due(target, 2026, 9, 12, 22, 0) == at(2026, 9, 14, 10, 0)
    assert due(target, 2026, 9, 19, 20, 0) == at(2026, 9, 20, 10, 0)  # a swapped Sunday is an opening


def test_one_second_before_closing_the_ordinary_target_still_holds() -> None:  # mission 62, at the edge
    started = at(2026, 9, 15, 17, 59) + timedelta(seconds=59)
    assert deadline(ORDER, started, CARE).due_at == at(2026, 9, 16, 13, 59) + timedelta(seconds=59)


def test_an_elapsed_target_that_ends_in_working_hours_ends_to_the_second() -> None:
    assert due(PRODUCT, 2026, 9, 15, 2, 0) == at(2026, 9, 15, 14, 0)


def test_an_elapsed_target_that_ends_off_hours_ends_one_hour_after_opening() -> None:
    found = deadline(PRODUCT, at(2026, 9, 15, 17, 0), CARE)
    assert (found.warn_at, found.due_at) == (at(2026, 9, 16, 9, 0), at(2026, 9, 16, 10, 0))


def test_an_elapsed_target_that_starts_off_hours_leaves_the_hour_after_opening() -> None:
    assert due(PRODUCT, 2026, 9, 15, 21, 30) == at(2026, 9, 16, 10, 0)
    assert due(PRODUCT, 2026, 9, 15, 22, 30) == at(2026, 9, 16, 10, 30)


def test_safety_is_due_at_once_in_the_middle_of_a_holiday_night() -> None:  # mission 63
    assert due(EMERGENCY, 2026, 9, 25, 3, 0) == at(2026, 9, 25, 3, 5)


def test_a_warning_comes_before_the_breach_in_the_time_the_target_counts_in() -> None:
    found = deadline(ORDER, at(2026, 9, 15, 11, 0), CARE)
    assert (found.warn_at, found.due_at) == (at(2026, 9, 15, 15, 0), at(2026, 9, 15, 16, 0))


def test_of_several_targets_the_earliest_due_wins() -> None:  # domain 2.1
    found = earliest([ORDER, VIP, PRODUCT], at(2026, 9, 15, 10, 0), CARE)
    assert found is not None
    assert found.target is VIP


def test_between_equal_due_times_the_shorter_promise_names_the_clock() -> None:
    found = earliest([COMMENT, PRIVATE_MESSAGE], at(2026, 9, 15, 20, 0), CARE)
    assert found is not None
    assert found.target is PRIVATE_MESSAGE


def test_no_target_means_no_deadline() -> None:
    assert earliest([], at(2026, 9, 15), CARE) is None


@pytest.mark.parametrize("bad", [{"seconds": 0}, {"seconds": 5, "warn_share": 0}, {"seconds": 5, "warn_share": 1.1}])
def test_a_target_without_time_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Target("bad", **bad)  # type: ignore[arg-type]


targets = st.builds(
    Target,
    row=st.just("x"),
    seconds=st.integers(1, 60 * 24 * HOUR),
    business=st.booleans(),
    after_opening_seconds=st.none() | st.integers(1, 8 * HOUR),
    warn_share=st.floats(0.01, 1),
)
instants = st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 30)).map(lambda found: found.replace(tzinfo=UTC))


@given(target=targets, started=instants)
def test_a_warning_never_comes_before_the_start_or_after_the_due_time(target: Target, started: datetime) -> None:
    found: Deadline = deadline(target, started, CARE)
    assert started <= found.warn_at <= found.due_at


@given(target=targets, first=instants, second=instants)
def test_who_came_later_is_never_due_earlier_around_the_clock(
    target: Target, first: datetime, second: datetime
) -> None:
    early, late = sorted((first, second))
    hours = around_the_clock()
    assert deadline(target, early, hours).due_at <= deadline(target, late, hours).due_at
