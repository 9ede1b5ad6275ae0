"""What the clock panel shows: each open clock with the principle and the key action of its row (mission 60).

Of a clock that a law sets the law is named, and what it wants to be said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from careloop.common.db.prepared import prepared
from careloop.conversations.models import Conversation
from careloop.sla.facts import from_json
from careloop.sla.laws import in_words, regime_of
from careloop.sla.models import Clock, ResponseTarget
from careloop.sla.policy import Starts, active_rows, rows_for, targets_by_code


@dataclass(frozen=True)
class ClockLine:
    """One deadline as a person reads it. ``share`` is how much of the time has gone, 1 and more when late.

    ``moved`` says which change of an administrator's moved it.
    ``awaits_check``: the solution's hour begins when somebody has looked the facts up, and nobody has yet.
    """

    clock: Clock
    label: str
    row: str
    principle: str
    key_action: str
    due_at: datetime
    seconds_left: int
    share: float
    is_late: bool
    is_soon: bool
    awaits_check: bool
    moved: str = ""
    cite: str = ""

    @property
    def is_pressing(self) -> bool:
        """Ours to keep, and the time runs."""
        return self.clock.is_pressing

    @property
    def standing(self) -> str:
        """Why the time does not press, where it does not: paused, or not ours."""
        if self.clock.state == Clock.State.PAUSED:
            return str(self.clock.get_state_display())
        return self.label if self.clock.kind == Clock.Kind.CONTEXT else ""


def clock_lines(conversation: Conversation, *, now: datetime | None = None) -> list[ClockLine]:
    """The open clocks of a conversation, soonest first, in the reader's language. One query."""
    now = now or timezone.now()
    clocks = _open_clocks(conversation.pk)
    rows = targets_by_code() if clocks else {}
    is_solving = any(clock.kind == Clock.Kind.RESOLUTION for clock in clocks)
    return [
        law_line(clock, now)
        if clock.is_by_law
        else _line(clock, rows.get(clock.policy_row), now, awaits_check=not is_solving and _begins_with_a_check(clock))
        for clock in clocks
    ]


def law_line(clock: Clock, now: datetime) -> ClockLine:
    """The line of a clock that a law sets; asks nothing of the database."""
    line, regime = _line(clock, None, now, awaits_check=False), regime_of(clock)
    if regime is None:
        return line
    said = regime.interim if clock.kind == Clock.Kind.INTERIM else regime.reply_holds
    is_early = clock.kind == Clock.Kind.ACKNOWLEDGEMENT
    return replace(
        line, row=in_words(regime.name), cite=regime.cite, principle=in_words(regime.authority),
        key_action="" if is_early else in_words(said), is_soon=line.is_soon and line.is_pressing,
    )  # fmt: skip


@prepared
def _open_clocks(conversation: int) -> QuerySet[Clock]:
    return Clock.objects.open().filter(conversation=conversation).order_by("due_at", "id")


def _begins_with_a_check(clock: Clock) -> bool:
    return bool(rows_for(active_rows(), Clock.Kind.RESOLUTION, from_json(clock.facts), Starts.CHECKED))


def _line(clock: Clock, row: ResponseTarget | None, now: datetime, *, awaits_check: bool) -> ClockLine:
    whole = (clock.due_at - clock.started_at).total_seconds()
    return ClockLine(
        clock=clock,
        label=str(clock.get_kind_display()),
        row=str(row) if row else clock.policy_row,
        principle=row.in_language("principle") if row else "",
        key_action=row.in_language("key_action") if row else "",
        due_at=clock.due_at,
        seconds_left=int((clock.due_at - now).total_seconds()),
        share=(now - clock.started_at).total_seconds() / whole if whole else 1.0,
        is_late=clock.is_late(now),
        is_soon=not clock.is_late(now) and now >= clock.warn_at,
        awaits_check=awaits_check,
        moved=str(clock.get_moved_because_display()) if clock.moved_because else "",
    )
