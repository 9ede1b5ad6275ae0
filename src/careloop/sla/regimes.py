"""Deadlines that a law or a regulator sets: read from data, and worked out on days. No database, no framework.

A regime counts whole days of its own place: what is due on a day is due at the last second of that day there, and
the day of receipt is day zero unless the regime says otherwise. Units: ``h`` hours, ``c`` calendar days, ``bd``
business days, ``wk`` weeks of seven days, ``mo`` months. Business days are Monday to Friday, less the holidays and
with the swapped workdays (调休) of the calendar the regime is switched on with; without a calendar a holiday counts
as a business day, so that a deadline may be early and is never late.

Everything counts from the same receipt: an extension replaces the final day, it is not added to it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import yaml

Unit = Literal["h", "c", "bd", "wk", "mo"]
Words = Mapping[str, str]
"""The same words in English (``en``) and Chinese (``zh``)."""

ONE_DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59)
CLOSE_SHARE = 0.2
SATURDAY = 5
_TERM = re.compile(r"([1-9]\d{0,3}) (h|c|bd|wk|mo)")
ADDRESSEES = ("firm", "authority", "customer")
STARTS = ("complaint", "by_hand")
CONFIDENCE = ("C", "P", "U")


class BadRegime(ValueError):
    """A row of the data file cannot be used; says which and why."""


@dataclass(frozen=True, slots=True)
class Term:
    """So many hours, days, business days, weeks or months."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


@dataclass(frozen=True)
class WorkingDays:
    """Which days of a place are business days. ``version`` is what a clock keeps of it."""

    zone: str
    closed: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    version: str = ""

    @cached_property
    def place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.closed)

    def step(self, day: date, count: int) -> date:
        """The business day that many after this day; before it when negative."""
        direction = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day += direction
            while not self.is_working(day):
                day += direction
        return day

    def count(self, after: date, until: date) -> int:
        """How many business days lie after the one day up to and including the other."""
        return sum(self.is_working(after + ONE_DAY * number) for number in range(1, (until - after).days + 1))


@dataclass(frozen=True)
class Extension:
    """A longer final deadline that the regime allows, when its condition holds. Counted from the receipt too.

    ``notice`` is when the customer must have heard why; None: by the day the final reply was due without it.
    """

    key: str
    term: Term
    when: Words
    notice: Term | None = None


@dataclass(frozen=True)
class Regime:
    """One row of ``data/regimes.yaml``.

    ``addressee``: who must keep it. Ours (``firm``) are owed and warn; those of an authority and the periods in which
    a customer may act (``customer``) are shown beside them and press nobody. ``interim`` says what the customer must
    be told when the final reply needs longer; empty where nothing has to be said.
    """

    id: str
    jurisdiction: str
    zone: str
    sectors: tuple[str, ...]
    addressee: str
    starts: str
    name: Words
    authority: Words
    final: Term
    cite: str
    source: str
    checked_on: date
    confidence: str
    acknowledge: Term | None = None
    interim: Words = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()
    reply_holds: Words = field(default_factory=dict)
    uncertain: Words = field(default_factory=dict)
    day_of_receipt_counts: bool = False
    rolls_to_business_day: bool = False
    pauses: Words = field(default_factory=dict)
    effective_from: date | None = None
    effective_to: date | None = None

    @property
    def is_ours(self) -> bool:
        return self.addressee == "firm"

    @property
    def by_itself(self) -> bool:
        """Whether a complaint starts it; the others begin with something only a person knows."""
        return self.starts == "complaint"

    def in_force(self, day: date) -> bool:
        """Whether it holds for what was received on this day of its place."""
        return (self.effective_from or day) <= day <= (self.effective_to or day)

    def extension(self, key: str) -> Extension | None:
        return next((each for each in self.extensions if each.key == key), None)

    def due(self, term: Term, received_at: datetime, days: WorkingDays) -> datetime:
        """When this term ends for what was received then, in UTC."""
        if term.unit == "h":
            return received_at.astimezone(UTC) + timedelta(hours=term.amount)
        day = received_at.astimezone(days.place).date()
        last = _last_day(term, day - ONE_DAY if self.day_of_receipt_counts else day, days)
        if self.rolls_to_business_day and not days.is_working(last):
            last = days.step(last, 1)
        return end_of(last, days)


def end_of(day: date, days: WorkingDays) -> datetime:
    """The last second of a day there, in UTC."""
    return datetime.combine(day, LAST_SECOND, days.place).astimezone(UTC)


def close_at(started_at: datetime, due_at: datetime, days: WorkingDays) -> datetime:
    """From when on the deadline is close: one business day or a fifth of the time before it, whichever is longer."""
    local = due_at.astimezone(days.place)
    business_day = datetime.combine(days.step(local.date(), -1), local.time(), days.place).astimezone(UTC)
    fifth = due_at - CLOSE_SHARE * (due_at - started_at)
    return max(started_at.astimezone(UTC), min(business_day, fifth.astimezone(UTC)))


def after_pause(due_at: datetime, paused_at: datetime, resumed_at: datetime, unit: Unit, days: WorkingDays) -> datetime:
    """The due time when what lay between does not count: whole days of the kind the deadline counts in."""
    if unit == "h":
        return due_at + (resumed_at - paused_at)
    first, last = (at.astimezone(days.place).date() for at in (paused_at, resumed_at))
    day = due_at.astimezone(days.place).date()
    paused = days.count(first, last) if unit == "bd" else (last - first).days
    return end_of(days.step(day, paused) if unit == "bd" else day + ONE_DAY * paused, days)


@lru_cache(maxsize=1)
def shipped_regimes() -> Mapping[str, Regime]:
    """All rows of the data file by their id, in its order. Raises BadRegime."""
    text = files("careloop.sla").joinpath("data", "regimes.yaml").read_text("utf-8")
    found = [read_regime(row) for row in yaml.safe_load(text)["regimes"]]
    return {regime.id: regime for regime in found}


def read_regime(row: Mapping[str, Any]) -> Regime:
    """One row as written. Raises BadRegime naming the row and what is wrong with it."""
    known = dict(row)
    try:
        regime = Regime(
            **known
            | {
                "sectors": tuple(known["sectors"]),
                "final": read_term(known["final"]),
                "acknowledge": read_term(known["acknowledge"]) if "acknowledge" in known else None,
                "extensions": tuple(_extension(each) for each in known.get("extensions", ())),
            }
        )
        _refuse_nonsense(regime)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRegime(f"regime {row.get('id', '?')}: {error}") from error
    return regime


def read_term(text: str) -> Term:
    """A term as the data says it: ``8 wk``. Raises ValueError."""
    found = _TERM.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}” is no term; write a number and h, c, bd, wk or mo")
    return Term(int(found[1]), cast(Unit, found[2]))


def _extension(row: Mapping[str, Any]) -> Extension:
    notice = read_term(row["notice"]) if "notice" in row else None
    return Extension(row["key"], read_term(row["term"]), row["when"], notice)


def _refuse_nonsense(regime: Regime) -> None:
    ZoneInfo(regime.zone)
    for value, allowed in (
        (regime.addressee, ADDRESSEES), (regime.starts, STARTS), (regime.confidence, CONFIDENCE),
    ):  # fmt: skip
        if value not in allowed:
            raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    pairs = [regime.name, regime.authority, *(each.when for each in regime.extensions)]
    pairs += [words for words in (regime.interim, regime.reply_holds, regime.uncertain, regime.pauses) if words]
    if not all(words.get("en") and words.get("zh") for words in pairs):
        raise ValueError("everything said is said in English and in Chinese")
    if regime.confidence != "C" and not regime.uncertain:
        raise ValueError("a row that is not confirmed says what is uncertain")


def _last_day(term: Term, day: date, days: WorkingDays) -> date:
    if term.unit == "bd":
        return days.step(day, term.amount)
    if term.unit == "mo":
        return _months_later(day, term.amount)
    return day + ONE_DAY * term.amount * (7 if term.unit == "wk" else 1)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day when it has none of that number."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
