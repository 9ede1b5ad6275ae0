"""Which row of the table holds, and on which hours it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from careloop.business_hours.arithmetic import NeverOpens, Schedule
from careloop.business_hours.models import Edition
from careloop.business_hours.services import AROUND_THE_CLOCK, schedule_of
from careloop.common.remembering import remembered
from careloop.sla.deadlines import Deadline, Target, earliest
from careloop.sla.facts import Facts
from careloop.sla.models import Clock, ResponseTarget

TABLE, TARGETS, HOURS = "sla.table", "sla.targets", "sla.hours"

Promise = ResponseTarget.Promise
Starts = ResponseTarget.Starts


def promise_of(kind: str) -> str:
    """First and next response are both answers; the rest is the solution."""
    return Promise.RESOLUTION if kind == Clock.Kind.RESOLUTION else Promise.RESPONSE


@dataclass(frozen=True)
class Row:
    """A row of the table as setting clocks needs it."""

    promise: str
    starts: str
    when: list[dict[str, list[str]]]
    target: Target

    def holds_for(self, facts: Facts) -> bool:
        """Whether one of the row's conditions is met: each of its facts has one of the named values."""
        return any(
            all(facts.get(fact, frozenset()) & set(values) for fact, values in condition.items())
            for condition in self.when
        )


def active_rows() -> list[Row]:
    """The whole table; it has a dozen rows and is remembered for seconds."""
    return remembered(TABLE, _read_rows)


def targets_by_code() -> dict[str, ResponseTarget]:
    """Every row by its code, also those no longer in force: clocks that run still name them. Remembered for seconds."""
    return remembered(TARGETS, lambda: {row.code: row for row in ResponseTarget.objects.all()})


def _read_rows() -> list[Row]:
    rows = ResponseTarget.objects.filter(is_active=True)
    return [Row(row.promise, row.starts, row.when, row.as_target()) for row in rows]


def rows_for(rows: Sequence[Row], kind: str, facts: Facts, starts: str = Starts.RECEIVED) -> list[Row]:
    """The rows of this kind that hold. The rows without conditions count only where no other holds.

    A solution that starts when the facts are checked holds the fallback back: its clock is yet to come.
    """
    promised = [row for row in rows if row.promise == promise_of(kind)]
    holding = [row for row in promised if row.holds_for(facts)] or [row for row in promised if not row.when]
    return [row for row in holding if row.starts == starts]


def deadline_for(rows: Sequence[Row], started_at: datetime, schedule: Schedule) -> Deadline | None:
    """The earliest deadline of these rows. Hours that never open again count around the clock instead."""
    targets = [row.target for row in rows]
    try:
        return earliest(targets, started_at, schedule)
    except NeverOpens:
        return earliest(targets, started_at, AROUND_THE_CLOCK)


def schedule_for(team_id: int | None) -> Schedule:
    """The working hours of a team: its own calendar, else the default, else around the clock."""
    editions = remembered(HOURS, _read_editions)
    edition = editions.get(team_id) or editions.get(None)
    return AROUND_THE_CLOCK if edition is None else schedule_of(*edition)


def _read_editions() -> dict[int | None, tuple[int, datetime]]:
    """The edition in force for each team that has hours of its own; under None the default. One query."""
    rows = Edition.objects.filter(is_current=True).values_list(
        "id", "made_at", "calendar__is_default", "calendar__teams__team_id"
    )
    found: dict[int | None, tuple[int, datetime]] = {}
    for edition, made_at, is_default, team in rows:
        if team is not None:
            found[team] = (edition, made_at)
        if is_default:
            found[None] = (edition, made_at)
    return found
