"""The arithmetic of working time, with no database and no framework.

A schedule is a week of windows (several a day), days that are closed, days that work like another day of the
week (China's swapped workdays, 调休), days with hours of their own, and a time zone. We are open whenever the
wall clock in that zone shows a time inside a window; so a window 00:00-24:00 lasts 23 or 25 hours on the days
the clocks change, and a window that lies in the skipped hour does not happen.

Instants are aware datetimes; answers are in UTC. A window is half open: at 18:00 sharp a desk that works until
18:00 is closed, yet something due after the last second of work is due at 18:00, not the next morning.
Every loop walks days and ends at `HORIZON_DAYS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
HORIZON_DAYS = 366 * 4
"""How far ahead an opening is looked for, and how many days one sum may walk without finding a second of work."""
ONE_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


class NeverOpens(ValueError):
    """The schedule has no opening within the horizon, so no due time exists. Carries the instant searched from."""

    def __init__(self, since: datetime) -> None:
        super().__init__(f"no opening within {HORIZON_DAYS} days of {since.isoformat()}")
        self.since = since


class BadHours(ValueError):
    """A written window, day or zone cannot be read: `code` says why, `text` what.

    Codes: `zone` unknown, `week` not seven days, `format` unreadable, `time` no such time of day, `order` closes
    before it opens, `overlap` of two windows.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Open from minute `opens` until, not including, minute `closes` of the local day (0..1440)."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= DAY_MINUTES:
            raise BadHours("order", str(self))

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


Day = tuple[Window, ...]
CLOSED: Day = ()
ALL_DAY: Day = (Window(0, DAY_MINUTES),)


@dataclass(frozen=True, eq=False)
class Schedule:
    """Working time. `week` has seven days, Monday first; `special` wins over `closed`, `closed` over `works_like`.

    `works_like` maps a date to the weekday (0 = Monday) whose windows it borrows. `version` says which edition of
    the calendar a sum was made with; it is kept beside every due time.
    """

    zone: str
    week: tuple[Day, ...]
    closed: frozenset[date] = frozenset()
    works_like: Mapping[date, int] = field(default_factory=dict)
    special: Mapping[date, Day] = field(default_factory=dict)
    version: str = ""
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise BadHours("week", str(len(self.week)))
        read_zone(self.zone)

    def is_open(self, at: datetime) -> bool:
        """Whether work is going on at this instant."""
        instant = _utc(at)
        return any(opens <= instant < closes for opens, closes in self._spans_on(self._local_date(instant)))

    def next_opening(self, after: datetime) -> datetime:
        """The first instant of work at or after `after`: itself when open. Raises NeverOpens."""
        return next(self._work_from(_utc(after)))[0]

    def add(self, start: datetime, seconds: float) -> datetime:
        """The instant when `seconds` of work have passed since `start`; zero seconds is the next opening.

        Raises NeverOpens when the horizon passes without any work, ValueError on a negative amount.
        """
        if seconds < 0:
            raise ValueError("working time cannot be taken back: seconds must not be negative")
        left = timedelta(seconds=seconds)
        for opens, closes in self._work_from(_utc(start)):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise AssertionError("unreachable: _work_from raises before it ends")

    def seconds_between(self, start: datetime, end: datetime) -> float:
        """How many seconds of work lie in [start, end); negative when end is before start."""
        begin, finish = _utc(start), _utc(end)
        if finish < begin:
            return -self.seconds_between(finish, begin)
        return sum(_overlap(span, begin, finish) for span in self._spans_between(begin, finish))

    def windows_on(self, day: date) -> Day:
        """The windows of one local date after holidays, swapped workdays and special hours."""
        if day in self.special:
            return self.special[day]
        if day in self.closed:
            return CLOSED
        return self.week[self.works_like.get(day, day.weekday())]

    def _work_from(self, start: datetime) -> Iterator[Span]:
        """Stretches of work from `start` on, the first one cut; raises after HORIZON_DAYS idle days."""
        idle, day = 0, self._local_date(start)
        while idle <= HORIZON_DAYS:
            found = [(max(opens, start), closes) for opens, closes in self._spans_on(day) if closes > start]
            yield from found
            idle = 0 if found else idle + 1
            day = _following(day, start)
        raise NeverOpens(start)

    def _spans_between(self, begin: datetime, finish: datetime) -> Iterator[Span]:
        day, last = self._local_date(begin), self._local_date(finish)
        while day <= last:
            yield from self._spans_on(day)
            day = _following(day, begin)

    def _spans_on(self, day: date) -> tuple[Span, ...]:
        """The day's windows as UTC stretches, in order. Remembered: one schedule is asked about few days, often."""
        if day not in self._spans:
            self._spans[day] = tuple(_to_utc(self.windows_on(day), day, self._zone))
        return self._spans[day]

    def _local_date(self, instant: datetime) -> date:
        return instant.astimezone(self._zone).date()

    @cached_property
    def _zone(self) -> ZoneInfo:
        return read_zone(self.zone)


def around_the_clock(zone: str = "UTC") -> Schedule:
    """The schedule that never closes: what safety runs on, whatever the desk's hours are (mission 63)."""
    return Schedule(zone=zone, week=(ALL_DAY,) * 7, version="24x7")


def read_zone(name: str) -> ZoneInfo:
    """The IANA zone of this name. Raises BadHours when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadHours("zone", name) from error


def read_week(days: Iterable[Iterable[str]]) -> tuple[Day, ...]:
    """Seven days, Monday first, each a list of "09:00-12:00". A window past midnight ("22:00-06:00") is cut in two
    and its morning belongs to the day after. Raises BadHours on overlap or on anything unreadable."""
    written = [list(day) for day in days]
    if len(written) != 7:
        raise BadHours("week", str(len(written)))
    week: list[list[Window]] = [[] for _ in range(7)]
    for weekday, texts in enumerate(written):
        for text in texts:
            _put(week, weekday, text)
    return tuple(_in_order(windows) for windows in week)


def read_day(texts: Iterable[str]) -> Day:
    """The windows of one day, none of which may pass midnight. Raises BadHours."""
    return _in_order([Window(*_edges(text)) for text in texts])


def _put(week: list[list[Window]], weekday: int, text: str) -> None:
    opens, closes = _edges(text)
    if closes > opens:
        week[weekday].append(Window(opens, closes))
        return
    week[weekday].append(Window(opens, DAY_MINUTES))
    if closes:
        week[(weekday + 1) % 7].append(Window(0, closes))


def _in_order(windows: list[Window]) -> Day:
    ordered = sorted(windows)
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise BadHours("overlap", f"{earlier}, {later}")
    return tuple(ordered)


def _edges(text: str) -> tuple[int, int]:
    opens, dash, closes = str(text).partition("-")
    if not dash:
        raise BadHours("format", str(text))
    return _minute(opens, text), _minute(closes, text)


def _minute(clock: str, text: str) -> int:
    hours, colon, minutes = clock.strip().partition(":")
    if not (colon and hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        raise BadHours("format", str(text))
    minute = int(hours) * 60 + int(minutes)
    if len(hours) > 2 or len(minutes) != 2 or int(minutes) > 59 or minute > DAY_MINUTES:
        raise BadHours("time", str(text))
    return minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _to_utc(windows: Day, day: date, zone: ZoneInfo) -> Iterator[Span]:
    """Cut the day where the zone's offset changes; inside a piece local and UTC differ by a constant."""
    midnight = datetime.combine(day, time())
    pieces = tuple(_pieces(day, zone))
    for begin, finish, offset in pieces:
        for window in windows:
            opens = max(_at(midnight, window.opens, offset), begin)
            closes = min(_at(midnight, window.closes, offset), finish)
            if opens < closes:
                yield opens, closes


def _pieces(day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The local day as UTC stretches of one offset each: one on most days, two when the clocks change."""
    begin, finish = _midnight(day, zone), _midnight(_following(day, datetime.max.replace(tzinfo=UTC)), zone)
    before, after = _offset(begin, zone), _offset(finish - timedelta(seconds=1), zone)
    if before == after:
        yield begin, finish, before
        return
    change = _change(begin, finish, zone)
    yield begin, change, before
    yield change, finish, after


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the local date. Where midnight itself is skipped, that is when the skip ends."""
    guess = datetime.combine(day, time(), zone).astimezone(UTC)
    if guess.astimezone(zone).time() == time():
        return guess
    return _change(guess - timedelta(hours=3), guess + timedelta(hours=3), zone)


def _change(begin: datetime, finish: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the zone's offset changes between two instants, by halving (zones change on seconds)."""
    old = _offset(begin, zone)
    low, high = int(begin.timestamp()), int(finish.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(datetime.fromtimestamp(middle, UTC), zone) == old else (low, middle)
    return datetime.fromtimestamp(high, UTC)


def _at(midnight: datetime, minute: int, offset: timedelta) -> datetime:
    return (midnight + timedelta(minutes=minute) - offset).replace(tzinfo=UTC)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _following(day: date, since: datetime) -> date:
    if day >= date.max - ONE_DAY:
        raise NeverOpens(since)
    return day + ONE_DAY


def _overlap(span: Span, begin: datetime, finish: datetime) -> float:
    opens, closes = span
    return max((min(closes, finish) - max(opens, begin)).total_seconds(), 0.0)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC)
