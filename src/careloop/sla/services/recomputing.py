"""Running clocks follow the working hours, the targets and what a customer is to us when these change.

Nothing is swept: only open clocks that the change can touch are looked at, conversation by conversation in short
transactions, and the job goes on behind the last one. A change never makes late what was in time: a clock whose new
due time has passed already keeps the promise it had. What was late stays late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from careloop.business_hours.models import Calendar
from careloop.business_hours.services import AROUND_THE_CLOCK
from careloop.common.events import record
from careloop.common.models import Event
from careloop.common.remembering import forget
from careloop.common.transaction import write, writes
from careloop.conversations.models import Conversation
from careloop.conversations.services.locking import locked
from careloop.customers.events import CUSTOMER_CHANGED, CUSTOMER_MERGED
from careloop.sla import events
from careloop.sla.deadlines import Deadline
from careloop.sla.laws import LAWS, law_for, regime_of, term_of
from careloop.sla.models import Clock, ClockQuerySet, ResponseTarget, TeamCalendar
from careloop.sla.policy import HOURS, TABLE, TARGETS, Starts
from careloop.sla.services.by_law import set_due
from careloop.sla.services.starting import Setting
from careloop.triage.models import Prediction

if TYPE_CHECKING:
    from careloop.accounts.models import User

BATCH = 200
Because = Clock.MovedBecause
BECAUSE = {
    events.TARGET_CHANGED: Because.TARGET,
    CUSTOMER_CHANGED: Because.CUSTOMER,
    CUSTOMER_MERGED: Because.CUSTOMER,
}


@dataclass(frozen=True)
class Progress:
    """How far a recomputation is. ``last`` is the conversation to go on behind; None when it is done."""

    moved: int
    last: int | None


@writes
def target_changed(target: ResponseTarget, *, by: User | None) -> None:
    """A row of the table was written or deleted. Records ``target.changed``; running clocks follow in a job."""
    data = {"code": target.code, "promise": target.promise}
    record(events.TARGET_CHANGED, by=by, subject="target", subject_id=target.pk, data=data)


@writes
def team_hours_changed(hours: TeamCalendar, *, by: User | None) -> None:
    """A team got other working hours, or its own no longer. Records ``team_hours.changed``; clocks follow in a job."""
    record(events.TEAM_HOURS_CHANGED, by=by, subject="team", subject_id=hours.team_id)


def recompute_after(event: Event, *, behind: int = 0, now: datetime | None = None) -> Progress:
    """Work out again what the change may have moved, for the next 200 conversations.

    Records ``clock.retargeted`` with the reason for each conversation of which a clock moved.
    """
    forget(TABLE, TARGETS, HOURS, LAWS)  # Another process may have made the change.
    touched = _touched_by(event).filter(conversation_id__gt=behind).order_by("conversation_id")
    found = list(touched.values_list("conversation_id", flat=True).distinct()[:BATCH])
    because = BECAUSE.get(event.name, Because.HOURS)
    moved = sum(_recompute(pk, because, now or timezone.now()) for pk in found)
    return Progress(moved, found[-1] if len(found) == BATCH else None)


@writes
def tell_recomputed(event: Event, moved: int) -> None:
    """All was looked at. Records ``clocks.recomputed`` with how many clocks moved and what the change was."""
    data = {"because": event.name, "change": event.pk, "moved": moved}
    record(events.CLOCKS_RECOMPUTED, by=event.actor, subject=event.subject, subject_id=event.subject_id, data=data)


def _touched_by(event: Event) -> ClockQuerySet:
    rows = Clock.objects.open()
    if event.name in (events.TARGET_CHANGED, events.TEAM_HOURS_CHANGED, CUSTOMER_CHANGED, CUSTOMER_MERGED):
        rows = rows.by_promise()
    if event.name == events.TARGET_CHANGED:
        # A row that became shorter or wider may now hold where another one did.
        is_solution = event.data["promise"] == ResponseTarget.Promise.RESOLUTION
        return rows.filter(kind=Clock.Kind.RESOLUTION) if is_solution else rows.responses()
    if event.name in (CUSTOMER_CHANGED, CUSTOMER_MERGED):
        return rows.filter(conversation__customer_id=event.subject_id or 0)
    if event.name == events.TEAM_HOURS_CHANGED:
        return rows.filter(conversation__team_id=event.subject_id or 0)
    return _counted_on(rows, event.subject_id)


def _counted_on(rows: ClockQuerySet, calendar_id: int | None) -> ClockQuerySet:
    """Clocks that count on an edition of this calendar; of the default one also those that had none to count on."""
    calendar = Calendar.objects.filter(pk=calendar_id or 0).first()
    if calendar is None:
        return rows.none()
    own = rows.filter(schedule__startswith=f"{calendar.slug}@")
    return own | rows.filter(schedule=AROUND_THE_CLOCK.version) if calendar.is_default else own


def _recompute(conversation_id: int, because: str, now: datetime) -> int:
    """The open clocks of one conversation in one transaction; how many moved."""
    with write():
        conversation = Conversation.objects.select_related("customer").get(pk=conversation_id)
        predictions = list(Prediction.objects.current().filter(conversation_id=conversation_id))
        setting = _Anew(locked(conversation), predictions, because, now)
        moved = [clock for clock in setting.open if setting.follows(clock)]
        if moved:
            setting.keep(moved)
    return len(moved)


class _Anew(Setting):
    """Setting the clocks again because the ground under them changed, and saying so on each that moved."""

    may_lengthen = True

    def __init__(self, conversation: Conversation, predictions: list[Prediction], because: str, now: datetime) -> None:
        super().__init__(conversation, predictions)
        self.because, self.now = because, now
        self.starts = {row.target.row: row.starts for row in self.rows}

    def follows(self, clock: Clock) -> bool:
        """Whether this clock moved; one that began with a check of the facts is worked out from that row again.

        What a law sets follows only the holidays it counts on.
        """
        if clock.is_by_law:
            return self.because == Because.HOURS and self._counts_anew(clock)
        starts = self.starts.get(clock.policy_row, Starts.RECEIVED)
        return self.ensure(clock.kind, since=clock.started_at, starts=starts) is not None

    def _counts_anew(self, clock: Clock) -> bool:
        """Whether a day off that was published moved it. One that was paused keeps the days it was given."""
        regime = regime_of(clock)
        term = term_of(clock, regime) if regime else None
        if regime is None or term is None or clock.state != Clock.State.RUNNING or clock.pauses.exists():
            return False
        law, due_at = law_for(self.conversation, regime), clock.due_at
        found = regime.due(term, clock.started_at, law.days)
        if found == due_at or found <= self.now:
            return False
        set_due(clock, found, law)
        self.moved_from[clock.pk] = clock.policy_row
        clock.moved_because, clock.moved_at = self.because, self.now
        return True

    def _move(self, clock: Clock, found: Deadline) -> bool:
        would_be_late = found.due_at < clock.due_at and found.due_at <= self.now
        if would_be_late or not super()._move(clock, found):
            return False
        clock.moved_because, clock.moved_at = self.because, self.now
        return True
