"""Calendars as rows: what ships, what an edition is, what an operator's change does."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from careloop.business_hours.loading import load_shipped_calendars
from careloop.business_hours.models import Calendar, Confidence, Edition
from careloop.business_hours.services import default_schedule, publish, schedule_named

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def care() -> Calendar:
    load_shipped_calendars()
    return Calendar.objects.get(slug="care")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


def test_the_care_calendar_has_a_lunch_break_and_works_on_saturday(care: Calendar) -> None:
    schedule = default_schedule()
    assert schedule.is_open(at(2026, 11, 21, 17, 59))
    assert not schedule.is_open(at(2026, 11, 20, 12, 30))
    assert not schedule.is_open(at(2026, 11, 22, 10, 0))


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2026, 2, 20), date(2026, 5, 5), date(2026, 10, 7)])
def test_the_desk_is_closed_on_the_holidays_of_2026(care: Calendar, day: date) -> None:
    assert default_schedule().windows_on(day) == ()


@pytest.mark.parametrize("day", [date(2026, 1, 4), date(2026, 2, 14), date(2026, 9, 20), date(2026, 10, 10)])
def test_the_desk_works_on_the_swapped_days_of_2026(care: Calendar, day: date) -> None:
    assert [str(window) for window in default_schedule().windows_on(day)] == ["09:00-12:00", "13:00-18:00"]


def test_2026_is_33_days_off_and_6_swapped_workdays(care: Calendar) -> None:
    in_2026 = care.holidays.filter(date__year=2026)
    assert (in_2026.count(), care.swap_days.filter(date__year=2026).count()) == (33, 6)
    assert set(in_2026.values_list("confidence", flat=True)) == {Confidence.CONFIRMED}


def test_every_shipped_day_names_its_source_and_both_languages(care: Calendar) -> None:
    for day in [*care.holidays.all(), *care.swap_days.all()]:
        assert day.source
        assert day.name
        assert day.name_zh
        assert day.confidence


def test_loading_twice_changes_nothing(care: Calendar) -> None:
    before = list(Edition.objects.values_list("pk", "number"))
    load_shipped_calendars()
    assert list(Edition.objects.values_list("pk", "number")) == before


def test_a_day_the_operator_deleted_does_not_come_back(care: Calendar) -> None:
    care.holidays.filter(date="2026-10-07").delete()
    load_shipped_calendars()
    assert default_schedule().windows_on(date(2026, 10, 7)) != ()


def test_a_change_is_a_new_edition_and_the_old_one_stays_readable(care: Calendar) -> None:
    old = default_schedule().version
    care.windows = [["10:00-16:00"]] * 5 + [[], []]
    care.save()
    publish(care)
    assert (old, default_schedule().version) == ("care@1", "care@2")
    assert schedule_named(old).is_open(at(2026, 11, 20, 9, 30))
    assert not default_schedule().is_open(at(2026, 11, 20, 9, 30))


def test_a_half_day_has_its_own_hours(care: Calendar) -> None:
    care.holidays.create(date="2026-12-31", name="Year end", windows=["09:00-12:00"])
    publish(care)
    assert [str(window) for window in default_schedule().windows_on(date(2026, 12, 31))] == ["09:00-12:00"]


def test_without_any_calendar_we_count_around_the_clock() -> None:
    assert default_schedule().version == "24x7"


@pytest.mark.parametrize("windows", [[], [["9-12"]] * 7, "always", [["09:00-12:00", "11:00-13:00"]] + [[]] * 6, None])
def test_hours_that_cannot_be_read_are_refused_with_the_reason(windows: object) -> None:
    with pytest.raises(ValidationError):
        Calendar(slug="x", name="x", windows=windows).full_clean()


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        Calendar(slug="x", name="x", zone="Mars/Olympus", windows=[[]] * 7).full_clean()
