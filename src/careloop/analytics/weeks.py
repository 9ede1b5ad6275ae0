"""ISO weeks as people name them: 2026-W47. Imports neither Django nor us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

_SHAPE = re.compile(r"(\d{4})-W(\d{2})")


class NoSuchWeek(ValueError):
    """The text names no ISO week."""


@dataclass(frozen=True)
class Week:
    """Monday 00:00 to Monday 00:00 in a zone."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    def before(self) -> Week:
        return week_of(self.monday - timedelta(days=7))

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """First moment, and first moment after."""
        start = datetime.combine(self.monday, datetime.min.time(), zone)
        return start, datetime.combine(self.monday + timedelta(days=7), datetime.min.time(), zone)


def week_of(day: date) -> Week:
    year, number, _ = day.isocalendar()
    return Week(year, number)


def read_week(text: str) -> Week:
    """Raises :class:`NoSuchWeek` for anything but a week that exists (2026-W47)."""
    found = _SHAPE.fullmatch(text.strip())
    if not found:
        raise NoSuchWeek(text)
    week = Week(int(found[1]), int(found[2]))
    try:
        week.monday  # noqa: B018 (computing it is the check)
        week.before()
        week.sunday  # noqa: B018
    except (ValueError, OverflowError):
        raise NoSuchWeek(text) from None
    return week
