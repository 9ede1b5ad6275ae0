"""Pure numbers: tables and properties (missions 21, 123)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.analytics.arithmetic import change_percent, per_hour, quantile, summary
from careloop.analytics.weeks import NoSuchWeek, read_week, week_of


def test_fifty_cases_in_ten_hours_are_five_an_hour() -> None:
    assert per_hour(50, 10) == 5  # mission 21
    assert per_hour(50, 0) is None


@pytest.mark.parametrize(("now", "before", "change"), [(125, 100, 25), (75, 100, -25), (3, 0, None), (0, 0, None)])
def test_change(now: int, before: int, change: float | None) -> None:
    assert change_percent(now, before) == change


def test_a_summary_without_rows_says_so() -> None:
    assert summary([]).as_dict() == {"n": 0, "mean": None, "median": None, "p90": None}


def test_quantiles_lie_between_their_neighbours() -> None:
    assert quantile([1, 2, 3, 4], 0.5) == 2.5
    assert quantile([7], 0.9) == 7


@given(st.lists(st.floats(0, 1e9), min_size=1))
def test_median_and_p90_stay_within_the_values(values: list[float]) -> None:
    found = summary(values)
    assert found.median is not None
    assert found.p90 is not None
    assert min(values) <= found.median <= found.p90 <= max(values) * (1 + 1e-12)


def test_a_week_runs_from_monday_to_monday_in_its_zone() -> None:
    start, end = read_week("2026-W47").bounds(ZoneInfo("Asia/Shanghai"))
    assert (start.isoformat(), end.isoformat()) == ("2026-11-16T00:00:00+08:00", "2026-11-23T00:00:00+08:00")
    assert str(read_week("2026-W01").before()) == "2025-W52"


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-W54", "2026-W00", "2026W47", "0000-W01", "9999-W53", "2026-w47", "w"]
)
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(NoSuchWeek):
        read_week(text)


@given(st.dates(min_value=date(1900, 1, 8), max_value=date(9000, 1, 1)))
def test_every_day_is_in_its_week(day: date) -> None:
    week = week_of(day)
    assert week.monday <= day <= week.sunday
    assert read_week(str(week)) == week
