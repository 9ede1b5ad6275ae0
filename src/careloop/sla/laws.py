"""Which laws are switched on, for which work, and on which days they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from careloop.business_hours.models import Edition
from careloop.business_hours.services import schedule_of
from careloop.common.remembering import remembered
from careloop.conversations.models import Kind
from careloop.sla.facts import Facts
from careloop.sla.models import Clock, RegimeInUse
from careloop.sla.regimes import Regime, Term, WorkingDays, shipped_regimes

if TYPE_CHECKING:
    from careloop.conversations.models import Conversation

LAWS = "sla.laws"
WEEKDAYS_ONLY = "mon-fri"


@dataclass(frozen=True)
class Law:
    """A regime that is switched on: for which inbox, team and nature (None and empty: for all), on which days."""

    regime: Regime
    days: WorkingDays
    inbox_id: int | None
    team_id: int | None
    nature: str

    def covers(self, conversation: Conversation, facts: Facts) -> bool:
        return (
            self.inbox_id in (None, conversation.inbox_id)
            and self.team_id in (None, conversation.team_id)
            and (not self.nature or self.nature in facts.get("nature", ()))
        )


def laws_in_use() -> list[Law]:
    """Every law that is on; remembered for seconds. One query where none is, two where some are."""
    return remembered(LAWS, _read)


def law_for(conversation: Conversation, regime: Regime) -> Law:
    """How this regime counts here: as the row that covers the conversation says, else on plain weekdays."""
    rows = [law for law in laws_in_use() if law.regime.id == regime.id]
    fitting = [law for law in rows if law.covers(conversation, {"nature": frozenset({law.nature})})]
    return next(iter(fitting or rows), Law(regime, plain_days(regime), None, None, ""))


def is_complaint(conversation: Conversation, facts: Facts) -> bool:
    """Whether what we know makes it a complaint: its kind, its class or its intent. The channel does not matter."""
    return (
        conversation.kind == Kind.COMPLAINT
        or "D" in facts.get("handling_class", ())
        or "complaint" in facts.get("intent", ())
    )


def regime_of(clock: Clock) -> Regime | None:
    """The regime a clock was set by; None for our own clocks, and for a row that no longer ships."""
    return shipped_regimes().get(clock.policy_row) if clock.is_by_law else None


def term_of(clock: Clock, regime: Regime) -> Term | None:
    """Which of the regime's terms a clock counts now; None for one that the regime no longer has."""
    taken = clock.extensions.last()
    extension = regime.extension(taken.key) if taken else None
    if clock.kind == Clock.Kind.ACKNOWLEDGEMENT:
        return regime.acknowledge
    if clock.kind == Clock.Kind.INTERIM:
        return notice_term(regime, extension.key) if extension else None
    return extension.term if extension else regime.final


def notice_term(regime: Regime, key: str) -> Term:
    """By when the customer must have heard of an extension."""
    extension = regime.extension(key)
    return (extension.notice if extension else None) or regime.final


def plain_days(regime: Regime) -> WorkingDays:
    return WorkingDays(regime.zone, version=WEEKDAYS_ONLY)


def in_words(words: Mapping[str, str]) -> str:
    """What the data says, in the reader's language; empty where it says nothing."""
    return words.get("zh" if (get_language() or "").startswith("zh") else "en", "")


def days_of(calendar_id: int | None, regime: Regime) -> WorkingDays:
    """The business days of a calendar's edition in force: its place, holidays and swapped workdays."""
    if calendar_id is None:
        return plain_days(regime)
    return _days({calendar_id}).get(calendar_id) or plain_days(regime)


def _read() -> list[Law]:
    rows = [row for row in RegimeInUse.objects.all() if row.regime in shipped_regimes()]
    days = _days({row.calendar_id for row in rows if row.calendar_id})
    return [_law(row, days) for row in rows]


def _law(row: RegimeInUse, days: Mapping[int, WorkingDays]) -> Law:
    regime = shipped_regimes()[row.regime]
    counted = days.get(row.calendar_id or 0) or plain_days(regime)
    return Law(regime, counted, row.inbox_id, row.team_id, row.nature)


def _days(calendar_ids: set[int]) -> dict[int, WorkingDays]:
    if not calendar_ids:
        return {}
    editions = Edition.objects.filter(is_current=True, calendar_id__in=calendar_ids)
    return {
        calendar: _counted(edition, made_at)
        for edition, made_at, calendar in editions.values_list("id", "made_at", "calendar_id")
    }


def _counted(edition: int, made_at: datetime) -> WorkingDays:
    schedule = schedule_of(edition, made_at)
    return WorkingDays(schedule.zone, schedule.closed, frozenset(schedule.works_like), schedule.version)
