"""When customers write and when agents answer. Imports neither Django nor us.

Customers write at all hours, most before noon, after lunch and in the evening, more on Mondays. Agents work
the windows of the company; a delay in working minutes is walked through those windows.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
WINDOWS = ((time(9), time(12)), (time(13), time(18)))
SUNDAY = 6
HOUR_WEIGHTS = (1, 0, 0, 0, 0, 0, 1, 3, 8, 18, 22, 18, 10, 13, 19, 20, 17, 11, 5, 5, 7, 6, 4, 2)
WEEKDAY_WEIGHTS = (1.3, 1.1, 1.0, 1.0, 1.1, 0.7, 0.35)


def customer_moment(rng: Random, day: datetime) -> datetime:
    """A moment of that day (in the company's zone) at which a customer might write."""
    hour = rng.choices(range(24), HOUR_WEIGHTS)[0]
    return day.astimezone(ZONE).replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)


def working_moment(rng: Random, day: datetime) -> datetime:
    """A moment of that day, or of the next working day, within working hours."""
    start = day.astimezone(ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    return after_working(start, timedelta(minutes=rng.uniform(5, 450)))


def after_working(start: datetime, delay: timedelta) -> datetime:
    """``start`` plus a delay that only passes while somebody works."""
    moment, left = start.astimezone(ZONE), delay
    while True:
        opens, closes = _window(moment)
        moment = max(moment, opens)
        if left < closes - moment:
            return moment + left
        left -= closes - moment
        moment = closes


def day_weight(day: datetime, days_ago: int, peaks: tuple[int, ...]) -> float:
    """How much is written on a day: the weekday, slow growth, and the days after a promotion."""
    growth = 1.5 - days_ago / 95
    promotion = 1.8 if any(0 <= peak - days_ago <= 3 for peak in peaks) else 1.0
    return WEEKDAY_WEIGHTS[day.astimezone(ZONE).weekday()] * growth * promotion


def _window(moment: datetime) -> tuple[datetime, datetime]:
    """The window that is open at the moment, or the next one."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        if day.weekday() != SUNDAY:
            for opens, closes in WINDOWS:
                if datetime.combine(day, closes, ZONE) > moment:
                    return datetime.combine(day, opens, ZONE), datetime.combine(day, closes, ZONE)
        day += timedelta(days=1)
