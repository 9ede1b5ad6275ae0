"""Which row of the table holds, and on which hours it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from careloop.business_hours.arithmetic import NeverOpens, Schedule
from careloop.business_hours.models import Edition
from careloop.business_hours.services import AROUND_THE_CLOCK, schedule_of
from careloop.sla.deadlines import Deadline, earliest
from careloop.sla.facts import Facts
from careloop.sla.models import Clock, ResponseTarget

Promise = ResponseTarget.Promise
Starts = ResponseTarget.Starts


def promise_of(kind: str) -> str:
    """First and next response are both answers; the rest is the solution."""
    return Promise.RESOLUTION if kind == Clock.Kind.RESOLUTION else Promise.RESPONSE


def active_rows() -> list[ResponseTarget]:
    """The whole table, one query; it has a dozen rows."""
    return list(ResponseTarget.objects.filter(is_active=True))


def rows_for(
    rows: Sequence[ResponseTarget], kind: str, facts: Facts, starts: str = Starts.RECEIVED
) -> list[ResponseTarget]:
    """The rows of this kind that hold. The rows without conditions count only where no other holds.

    A solution that starts when the facts are checked holds the fallback back: its clock is yet to come.
    """
    promised = [row for row in rows if row.promise == promise_of(kind)]
    holding = [row for row in promised if row.holds_for(facts)] or [row for row in promised if not row.when]
    return [row for row in holding if row.starts == starts]


def deadline_for(rows: Sequence[ResponseTarget], started_at: datetime, schedule: Schedule) -> Deadline | None:
    """The earliest deadline of these rows. Hours that never open again count around the clock instead."""
    targets = [row.as_target() for row in rows]
    try:
        return earliest(targets, started_at, schedule)
    except NeverOpens:
        return earliest(targets, started_at, AROUND_THE_CLOCK)


def schedule_for(team_id: int | None) -> Schedule:
    """The working hours of a team: its own calendar, else the default, else around the clock. One query."""
    editions = Edition.objects.filter(is_current=True)
    found = (
        editions.filter(Q(calendar__teams__team_id=team_id) | Q(calendar__is_default=True))
        if team_id is not None
        else editions.filter(calendar__is_default=True)
    ).order_by("calendar__is_default")  # the team's own first
    edition = found.values_list("id", "made_at").first()
    return AROUND_THE_CLOCK if edition is None else schedule_of(*edition)
