"""Working time, against a second implementation that walks minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from careloop.business_hours.arithmetic import (
    CLOSED,
    BadHours,
    NeverOpens,
    Schedule,
    Window,
    around_the_clock,
    read_day,
    read_week,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
OFFICE = ["09:00-12:00", "13:00-18:00"]
CARE_WEEK = read_week([OFFICE] * 6 + [[]])
CARE = Schedule(
    zone="Asia/Shanghai",
    week=CARE_WEEK,
    closed=frozenset({date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))}),
    works_like={date(2026, 9, 20): 0, date(2026, 10, 10): 2},
    version="cn-2026",
)


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


def new_york(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=NEW_YORK, fold=fold)  # type: ignore[arg-type, misc]


def test_an_hour_inside_a_window_is_an_hour() -> None:
    assert CARE.add(shanghai(2026, 9, 15, 9, 30), 3600) == shanghai(2026, 9, 15, 10, 30)


def test_the_lunch_break_does_not_count() -> None:
    assert CARE.add(shanghai(2026, 9, 15, 11, 30), 3600) == shanghai(2026, 9, 15, 13, 30)


def test_what_comes_after_closing_is_due_one_hour_after_the_next_opening() -> None:  # mission 62
    for hour in (18, 21, 23):
        assert CARE.add(shanghai(2026, 9, 15, hour, 0), 3600) == shanghai(2026, 9, 16, 10, 0)
    assert CARE.add(shanghai(2026, 9, 16, 3, 0), 3600) == shanghai(2026, 9, 16, 10, 0)


def test_the_last_second_of_work_is_due_at_closing_not_next_morning() -> None:
    assert CARE.add(shanghai(2026, 9, 15, 17, 0), 3600) == shanghai(2026, 9, 15, 18, 0)


def test_zero_seconds_at_closing_time_is_the_next_opening() -> None:
    assert CARE.add(shanghai(2026, 9, 15, 18, 0), 0) == shanghai(2026, 9, 16, 9, 0)
    assert CARE.add(shanghai(2026, 9, 15, 9, 0), 0) == shanghai(2026, 9, 15, 9, 0)


def test_a_holiday_is_skipped() -> None:
    assert CARE.add(shanghai(2026, 9, 30, 17, 30), 3600) == shanghai(2026, 10, 8, 9, 30)


def test_a_swapped_sunday_works_like_the_day_it_replaces() -> None:
    assert CARE.is_open(shanghai(2026, 9, 20, 10, 0))
    assert not CARE.is_open(shanghai(2026, 9, 13, 10, 0))
    assert CARE.add(shanghai(2026, 9, 19, 17, 30), 3600) == shanghai(2026, 9, 20, 9, 30)


def test_special_hours_win_over_a_holiday() -> None:
    half_day = Schedule(
        zone="Asia/Shanghai",
        week=CARE_WEEK,
        closed=frozenset({date(2026, 2, 16)}),
        special={date(2026, 2, 16): read_day(["09:00-11:00"])},
    )
    assert half_day.add(shanghai(2026, 2, 16, 10, 30), 3600) == shanghai(2026, 2, 17, 9, 30)


def test_time_between_counts_only_open_seconds() -> None:
    friday, monday = shanghai(2026, 9, 11, 17, 0), shanghai(2026, 9, 14, 10, 0)
    assert CARE.seconds_between(friday, monday) == 3600 + 8 * 3600 + 3600
    assert CARE.seconds_between(monday, friday) == -10 * 3600


def test_a_window_past_midnight_belongs_to_both_days() -> None:
    nights = Schedule(zone="Asia/Shanghai", week=read_week([["22:00-06:00"]] + [[]] * 6))
    assert nights.seconds_between(shanghai(2026, 9, 14, 0, 0), shanghai(2026, 9, 16, 0, 0)) == 8 * 3600
    assert nights.is_open(shanghai(2026, 9, 15, 5, 59))
    assert not nights.is_open(shanghai(2026, 9, 15, 6, 0))


def test_the_skipped_hour_of_spring_is_not_worked() -> None:
    clock = Schedule(zone="America/New_York", week=read_week([["00:00-24:00"]] * 7))
    day = new_york(2026, 3, 8), new_york(2026, 3, 9)
    assert clock.seconds_between(*day) == 23 * 3600
    early = Schedule(zone="America/New_York", week=read_week([["02:15-02:45"]] * 7))
    assert early.next_opening(new_york(2026, 3, 8)) == new_york(2026, 3, 9, 2, 15)


def test_the_repeated_hour_of_autumn_is_worked_twice() -> None:
    clock = Schedule(zone="America/New_York", week=read_week([["00:00-24:00"]] * 7))
    assert clock.seconds_between(new_york(2026, 11, 1), new_york(2026, 11, 2)) == 25 * 3600
    early = Schedule(zone="America/New_York", week=read_week([["01:15-01:45"]] * 7))
    assert early.seconds_between(new_york(2026, 11, 1), new_york(2026, 11, 2)) == 3600


def test_a_day_whose_midnight_is_skipped_still_begins() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # 2026-03-29 00:00 becomes 01:00
    clock = Schedule(zone="Asia/Beirut", week=read_week([["00:00-24:00"]] * 7))
    day = datetime(2026, 3, 28, 12, tzinfo=beirut), datetime(2026, 3, 29, 12, tzinfo=beirut)
    assert clock.seconds_between(*day) == 23 * 3600


def test_hours_follow_the_wall_clock_when_the_offset_changes() -> None:
    office = Schedule(zone="America/New_York", week=read_week([OFFICE] * 7))
    assert office.add(new_york(2026, 3, 7, 17, 0), 2 * 3600) == new_york(2026, 3, 8, 10, 0)


def test_around_the_clock_never_waits() -> None:  # mission 63
    night = shanghai(2026, 10, 1, 3, 0)
    assert around_the_clock().add(night, 300) == night + timedelta(seconds=300)


def test_a_desk_that_never_opens_says_so_instead_of_searching_for_ever() -> None:
    with pytest.raises(NeverOpens):
        Schedule(zone="UTC", week=(CLOSED,) * 7).next_opening(shanghai(2026, 1, 1))
    with pytest.raises(NeverOpens):
        CARE.add(datetime(9999, 12, 30, tzinfo=UTC), 40 * 24 * 3600)


def test_taking_work_back_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        CARE.add(shanghai(2026, 1, 1), -1)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        CARE.is_open(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "text", ["9-12", "09:00", "09:60-10:00", "25:00-26:00", "", "九点-十点", "09:00-09:00:00", "-"]
)
def test_unreadable_hours_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadHours):
        read_day([text])


def test_overlapping_windows_are_refused() -> None:
    with pytest.raises(BadHours, match="overlap"):
        read_week([["09:00-12:00", "11:00-13:00"]] + [[]] * 6)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(BadHours, match="zone"):
        Schedule(zone="Mars/Olympus", week=CARE_WEEK)


# The second implementation: obvious, slow, minute by minute.


def walked_open(schedule: Schedule, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(schedule.zone))
    minute = local.hour * 60 + local.minute
    return any(window.opens <= minute < window.closes for window in schedule.windows_on(local.date()))


def walked_seconds(schedule: Schedule, start: datetime, end: datetime) -> int:
    minutes = range(int((end - start).total_seconds() // 60))
    return 60 * sum(walked_open(schedule, start + timedelta(minutes=minute)) for minute in minutes)


def walked_add(schedule: Schedule, start: datetime, minutes: int) -> datetime:
    at = start
    while not walked_open(schedule, at):
        at += timedelta(minutes=1)
    while minutes:
        minutes -= walked_open(schedule, at)
        at += timedelta(minutes=1)
    return at


@st.composite
def days(draw: st.DrawFn) -> tuple[Window, ...]:
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Beirut",
]
CHANGES = [
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
]
CHANGES += [
    datetime(2026, 10, 3, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    start = draw(st.sampled_from(CHANGES)) + timedelta(minutes=draw(st.integers(-1500, 2900)))
    near = [start.date() + timedelta(days=offset) for offset in range(-1, 4)]
    schedule = Schedule(
        zone=draw(st.sampled_from(ZONES)),
        week=tuple(draw(days()) for _ in range(7)),
        closed=frozenset(draw(st.sets(st.sampled_from(near), max_size=2))),
        works_like={draw(st.sampled_from(near)): draw(st.integers(0, 6))},
        special={draw(st.sampled_from(near)): draw(days())} if draw(st.booleans()) else {},
    )
    return schedule, start


@given(case=cases(), minutes=st.integers(0, 3 * 1440))
@settings(max_examples=40, deadline=None)
def test_measuring_agrees_with_walking(case: tuple[Schedule, datetime], minutes: int) -> None:
    schedule, start = case
    end = start + timedelta(minutes=minutes)
    assert schedule.seconds_between(start, end) == walked_seconds(schedule, start, end)


@given(case=cases(), minutes=st.integers(1, 600))
@settings(max_examples=40, deadline=None)
def test_adding_agrees_with_walking(case: tuple[Schedule, datetime], minutes: int) -> None:
    schedule, start = case
    assume(sum(w.closes - w.opens for day in schedule.week for w in day) > 200)
    assert schedule.add(start, minutes * 60) == walked_add(schedule, start, minutes)


@given(case=cases(), seconds=st.integers(0, 10**6))
@settings(max_examples=100, deadline=None)
def test_what_is_added_can_be_measured_back(case: tuple[Schedule, datetime], seconds: int) -> None:
    schedule, start = case
    assume(sum(w.closes - w.opens for day in schedule.week for w in day) > 60)
    assert schedule.seconds_between(start, schedule.add(start, seconds)) == seconds


@given(case=cases(), first=st.integers(0, 10**5), second=st.integers(0, 10**5))
@settings(max_examples=100, deadline=None)
def test_time_between_adds_up(case: tuple[Schedule, datetime], first: int, second: int) -> None:
    schedule, start = case
    middle, end = start + timedelta(seconds=first), start + timedelta(seconds=first + second)
    parts = schedule.seconds_between(start, middle) + schedule.seconds_between(middle, end)
    assert parts == schedule.seconds_between(start, end)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_never_a_crash(text: str) -> None:
    try:
        read_day([text])
    except BadHours:
        return
