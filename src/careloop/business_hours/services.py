"""Publish a calendar, and read the schedule that is in force."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from careloop.business_hours import events
from careloop.business_hours.arithmetic import Schedule, around_the_clock, read_day, read_week
from careloop.business_hours.models import Calendar, Edition
from careloop.common.db.prepared import prepared
from careloop.common.events import record
from careloop.common.transaction import writes

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

AROUND_THE_CLOCK = around_the_clock()


@writes
def publish(calendar: Calendar, *, by: AbstractBaseUser | None = None) -> Edition:
    """Make what the calendar says now its edition in force. Records ``calendar.published``.

    Nothing changes when the content is the same. Clocks that run follow in a job (``sla.services.recomputing``).
    """
    current = calendar.editions.select_for_update().filter(is_current=True).first()
    content = _content(calendar)
    if current is not None and current.content == content:
        return current
    calendar.editions.filter(is_current=True).update(is_current=False)
    edition = Edition.objects.create(
        calendar=calendar,
        number=current.number + 1 if current else 1,
        content=content,
        made_by_id=by.pk if by else None,
    )
    record(
        events.CALENDAR_PUBLISHED, by=by, subject="calendar", subject_id=calendar.pk, data={"edition": edition.label}
    )
    return edition


def default_schedule() -> Schedule:
    """The schedule of the default calendar, or around the clock when none was set up. One query."""
    edition = _current_of_default.first()
    return AROUND_THE_CLOCK if edition is None else schedule_of(edition.pk, edition.made_at)


@prepared
def _current_of_default() -> QuerySet[Edition]:
    return Edition.objects.current_of_default().only("id", "made_at").order_by("id")[:1]


@lru_cache(maxsize=64)
def schedule_of(edition_id: int, made_at: datetime) -> Schedule:
    """The schedule of one edition. Editions never change, so it is read once a process.

    The moment is part of the key because a number comes back when the transaction that made it is rolled back.
    """
    edition = Edition.objects.get(pk=edition_id, made_at=made_at)
    return _schedule(edition.content, edition.label)


def schedule_named(label: str) -> Schedule:
    """The schedule a clock was started with, by the label it kept (``care@3`` or ``24x7``).

    Raises Edition.DoesNotExist when that calendar was deleted.
    """
    if label == AROUND_THE_CLOCK.version:
        return AROUND_THE_CLOCK
    slug, _, number = label.rpartition("@")
    edition = Edition.objects.values_list("id", "made_at").get(calendar__slug=slug, number=number)
    return schedule_of(*edition)


def _content(calendar: Calendar) -> dict[str, Any]:
    holidays = {day.date.isoformat(): day.windows for day in calendar.holidays.all()}
    return {
        "slug": calendar.slug,
        "zone": calendar.zone,
        "week": calendar.windows,
        "holidays": dict(sorted(holidays.items())),
        "swap_days": {day.date.isoformat(): day.works_like for day in calendar.swap_days.all()},
    }


def _schedule(content: dict[str, Any], label: str) -> Schedule:
    holidays = {date.fromisoformat(day): windows for day, windows in content["holidays"].items()}
    return Schedule(
        zone=content["zone"],
        week=read_week(content["week"]),
        closed=frozenset(day for day, windows in holidays.items() if not windows),
        special={day: read_day(windows) for day, windows in holidays.items() if windows},
        works_like={date.fromisoformat(day): weekday for day, weekday in content["swap_days"].items()},
        version=label,
    )
