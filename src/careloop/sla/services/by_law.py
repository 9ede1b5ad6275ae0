"""Start, lengthen, pause and end the clocks that a law sets.

A complaint starts them over whatever channel it came, a spoken one too (mission 43). Each law has at most one open
clock of a kind with a conversation, and starts by itself once: what was ended is begun again only by a person, or
when the case is reopened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.db.rows import insert
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.services.describing import move_next_due
from careloop.conversations.services.locking import locked
from careloop.sla import events
from careloop.sla.facts import Facts, Labelled, as_json, facts_of
from careloop.sla.laws import Law, is_complaint, law_for, laws_in_use, notice_term, regime_of, term_of
from careloop.sla.models import Clock, ClockExtension, ClockPause
from careloop.sla.regimes import Regime, Term, after_pause, close_at, shipped_regimes
from careloop.sla.services.due import earliest_due
from careloop.sla.services.stopping import end

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation

Kind, State = Clock.Kind, Clock.State
LONGEST_REASON = 300
BECAUSE_LAW = "law"
"""Told with what a person did: the queue must follow by itself. On a message's way it follows anyway."""

COPIED = (
    "kind", "started_at", "warn_at", "due_at", "target_seconds", "business", "policy_row", "schedule", "facts",
)  # fmt: skip


def start_by_law(
    conversation: Conversation, predictions: Iterable[Labelled], *, received_at: datetime, because: str = ""
) -> list[Clock]:
    """Start the clocks of every law that covers this complaint and has not begun with it yet; those begun.

    Nothing is asked of the database while no law is on. Records ``clock.started``, once.
    """
    laws = [law for law in laws_in_use() if law.regime.by_itself]
    return _start_covering(conversation, laws, predictions, received_at, because) if laws else []


@writes
def _start_covering(
    conversation: Conversation, laws: Sequence[Law], predictions: Iterable[Labelled], received: datetime, because: str
) -> list[Clock]:
    facts = facts_of(locked(conversation), predictions)
    covering = [law for law in laws if law.covers(conversation, facts)] if is_complaint(conversation, facts) else []
    if not covering:
        return []
    known = set(Clock.objects.by_law().filter(conversation=conversation).values_list("policy_row", flat=True))
    new = {law.regime.id: law for law in reversed(covering) if law.regime.id not in known and _holds(law, received)}
    return _begin(conversation, [new[name] for name in sorted(new)], facts, received, because=because)


@writes
def start_law(conversation: Conversation, regime_id: str, *, received_at: datetime, by: User) -> list[Clock]:
    """A person says that this law counts here, since this moment. Records ``clock.started``.

    Raises InvalidInput for an unknown law, a moment to come, or one before the law held; Conflict when it runs already.
    """
    require(by, Permission.CONVERSATION_REPLY)
    regime = shipped_regimes().get(regime_id)
    if regime is None:
        raise InvalidInput("unknown_law", _("Choose one of the laws of the list."))
    law = law_for(locked(conversation), regime)
    if received_at > timezone.now():
        raise InvalidInput("not_yet", _("The day it was received cannot lie in the future."))
    if not _holds(law, received_at):
        raise InvalidInput("not_in_force", _("This law did not hold on that day."))
    if Clock.objects.open().by_law().filter(conversation=conversation, policy_row=regime.id).exists():
        raise Conflict("law_runs", _("This law counts here already."))
    return _begin(conversation, [law], {}, received_at, by=by, because=BECAUSE_LAW)


@writes
def extend(clock: Clock, key: str, *, reason: str, by: User, at: datetime | None = None) -> Clock:
    """Take the longer time that the law grants; the reason is kept. Records ``clock.extended``.

    Where the law wants the customer told, a clock for that notice starts. Raises Conflict for a clock that has ended,
    was late, or is paused; InvalidInput without a reason, or for more time than the law knows or than is taken already.
    """
    at = at or timezone.now()
    regime, reason = _changeable(clock, by, reason)
    extension = regime.extension(key) if clock.kind in (Kind.FINAL, Kind.CONTEXT) else None
    law = law_for(clock.conversation, regime)
    to_due = regime.due(extension.term, clock.started_at, law.days) if extension else clock.due_at
    if extension is None or to_due <= clock.due_at:
        raise InvalidInput("no_extension", _("The law does not grant this longer time."))
    ClockExtension.objects.create(
        clock=clock, key=key, reason=reason, from_due=clock.due_at, to_due=to_due, by=by, at=at
    )
    _put(clock, to_due, law)
    data = _named(clock) | {"key": key, "reason": reason, "because": BECAUSE_LAW}
    _record(events.CLOCK_EXTENDED, clock, by, at, data)
    if regime.interim and regime.is_ours:
        _owe_notice(clock, regime, law, key, at)
    _keep_next_due(clock.conversation)
    return clock


@writes
def pause(clock: Clock, *, reason: str, by: User, at: datetime | None = None) -> Clock:
    """Let the time stand still, where the law says that it does. Records ``clock.paused``."""
    at = at or timezone.now()
    regime, reason = _changeable(clock, by, reason)
    if not regime.pauses or clock.kind not in (Kind.FINAL, Kind.CONTEXT):
        raise InvalidInput("no_pause", _("This law knows no pause."))
    ClockPause.objects.create(clock=clock, reason=reason, began_at=at, by=by)
    clock.state = State.PAUSED
    clock.save(update_fields=["state"])
    _record(events.CLOCK_PAUSED, clock, by, at, _named(clock) | {"reason": reason, "because": BECAUSE_LAW})
    _keep_next_due(clock.conversation)
    return clock


@writes
def resume(clock: Clock, *, by: User, at: datetime | None = None) -> Clock:
    """The time runs on; what lay between is added in whole days. Records ``clock.resumed``."""
    at = at or timezone.now()
    require(by, Permission.CONVERSATION_REPLY)
    _hold(clock)
    paused = clock.pauses.filter(ended_at=None).first()
    regime = regime_of(clock)
    if paused is None or regime is None or clock.state != State.PAUSED:
        raise Conflict("not_paused", _("This clock is not paused."))
    paused.ended_at, paused.ended_by = at, by
    paused.save(update_fields=["ended_at", "ended_by"])
    term, law = term_of(clock, regime) or regime.final, law_for(clock.conversation, regime)
    clock.state = State.RUNNING
    _put(clock, after_pause(clock.due_at, paused.began_at, at, term.unit, law.days), law)
    _record(events.CLOCK_RESUMED, clock, by, at, _named(clock) | {"because": BECAUSE_LAW})
    _keep_next_due(clock.conversation)
    return clock


@writes
def final_reply_sent(clock: Clock, *, by: User, at: datetime | None = None) -> None:
    """The final reply that the law wants is out, though the work goes on: acknowledgement, notice and reply are met."""
    require(by, Permission.CONVERSATION_REPLY)
    _hold(clock)
    if clock.kind != Kind.FINAL or not clock.is_open:
        raise Conflict("clock_ended", _("This clock has ended already."))
    of_law = _same_law(clock)
    end(clock.conversation_id, at or timezone.now(), stop=lambda each: of_law(each) and each.kind != Kind.CONTEXT)
    _close_pauses(clock, by, at or timezone.now())


@writes
def withdraw(clock: Clock, *, reason: str, by: User, at: datetime | None = None) -> None:
    """This law does not count here after all: its clocks are cancelled, save what was late. Keeps the reason.

    Records ``clock.cancelled``, and ``law.withdrawn`` with the reason.
    """
    at = at or timezone.now()
    require(by, Permission.CONVERSATION_REPLY)
    reason = _reason(reason)
    _hold(clock)
    if not clock.is_open or not clock.is_by_law:
        raise Conflict("clock_ended", _("This clock has ended already."))
    _record(events.LAW_WITHDRAWN, clock, by, at, {"row": clock.policy_row, "reason": reason})
    end(clock.conversation_id, at, cancel=_same_law(clock))
    _close_pauses(clock, by, at)


@writes
def run_on(conversation: Conversation, *, resolved_at: datetime) -> list[Clock]:
    """The case was reopened: a final reply that only the resolution had ended is owed again, from the same receipt.

    Records ``clock.started``. A final reply that a person called sent stays so.
    """
    if not laws_in_use():
        return []
    ended = Clock.objects.by_law().filter(conversation=locked(conversation), kind=Kind.FINAL, stopped_at=resolved_at)
    again = [_copy(clock) for clock in ended]
    _keep(conversation, again)
    return again


def _holds(law: Law, received: datetime) -> bool:
    return law.regime.in_force(received.astimezone(law.days.place).date())


def _begin(
    conversation: Conversation, laws: Sequence[Law], facts: Facts, received: datetime, *,
    by: User | None = None, because: str = "",
) -> list[Clock]:  # fmt: skip
    begun = [clock for law in laws for clock in _clocks(conversation, law, facts, received)]
    return _keep(conversation, begun, by=by, because=because)


def _clocks(conversation: Conversation, law: Law, facts: Facts, received: datetime) -> Iterable[Clock]:
    """What a law sets from the receipt on. Of what is not ours only the end is shown."""
    if not law.regime.is_ours:
        yield _clock(conversation, Kind.CONTEXT, law, law.regime.final, facts, received)
        return
    if law.regime.acknowledge is not None:
        yield _clock(conversation, Kind.ACKNOWLEDGEMENT, law, law.regime.acknowledge, facts, received)
    yield _clock(conversation, Kind.FINAL, law, law.regime.final, facts, received)


def _clock(conversation: Conversation, kind: str, law: Law, term: Term, facts: Facts, received: datetime) -> Clock:
    clock = Clock(
        conversation=conversation, kind=kind, started_at=received, policy_row=law.regime.id,
        facts=as_json(facts), business=term.unit == "bd",
    )  # fmt: skip
    set_due(clock, law.regime.due(term, received, law.days), law)
    if kind == Kind.CONTEXT:
        clock.warned_at = received  # It presses nobody.
    return clock


def set_due(clock: Clock, due_at: datetime, law: Law) -> None:
    """When it is due, and close: from then on it stands in the queue's second tier. Writes nothing."""
    clock.due_at, clock.schedule = due_at, law.days.version
    clock.warn_at = close_at(clock.started_at, due_at, law.days)
    clock.target_seconds = max(int((due_at - clock.started_at).total_seconds()), 0)
    if clock.kind != Kind.CONTEXT and clock.warned_at is not None and clock.warned_at < clock.warn_at:
        clock.warned_at = None


def _put(clock: Clock, due_at: datetime, law: Law) -> None:
    set_due(clock, due_at, law)
    clock.save()


def _copy(clock: Clock) -> Clock:
    return Clock(conversation_id=clock.conversation_id, **{field: getattr(clock, field) for field in COPIED})


def _keep(conversation: Conversation, begun: list[Clock], *, by: User | None = None, because: str = "") -> list[Clock]:
    if begun:
        insert(begun)
        data = {"clocks": [_named(clock) | {"id": clock.pk} for clock in begun]}
        record(
            events.CLOCK_STARTED, conversation_id=conversation.pk, by=by, subject="clock",
            data=data | ({"because": because} if because else {}),
        )  # fmt: skip
        _keep_next_due(conversation)
    return begun


def _keep_next_due(conversation: Conversation) -> None:
    move_next_due(conversation, earliest_due(Clock.objects.open().filter(conversation=conversation)))


def _owe_notice(clock: Clock, regime: Regime, law: Law, key: str, at: datetime) -> None:
    """The customer hears why it takes longer, by the law's day; a notice that is owed already moves there."""
    due_at = max(regime.due(notice_term(regime, key), clock.started_at, law.days), at)
    kind = {"conversation": clock.conversation, "kind": Kind.INTERIM, "policy_row": regime.id}
    owed = Clock.objects.open().filter(**kind).first() or Clock(**kind, started_at=clock.started_at)
    owed.business, owed.facts = notice_term(regime, key).unit == "bd", clock.facts
    is_new = owed.pk is None
    set_due(owed, due_at, law)
    if is_new:
        _keep(clock.conversation, [owed], because=BECAUSE_LAW)
    else:
        owed.save()


def _changeable(clock: Clock, by: User, reason: str) -> tuple[Regime, str]:
    """The law of a clock that runs in time, held, and the reason given. Raises what the verbs say."""
    require(by, Permission.CONVERSATION_REPLY)
    reason = _reason(reason)
    _hold(clock)
    regime = regime_of(clock)
    if regime is None or clock.state != State.RUNNING:
        raise Conflict("clock_not_running", _("Only a clock that runs and is not late can be changed."))
    return regime, reason


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise InvalidInput("no_reason", _("Please say why."))
    return reason[:LONGEST_REASON]


def _hold(clock: Clock) -> None:
    """Its conversation first, then the clock as the database has it."""
    locked(clock.conversation)
    clock.refresh_from_db(fields=["state", "due_at", "warn_at", "warned_at", "stopped_at"])


def _same_law(clock: Clock) -> Callable[[Clock], bool]:
    return lambda each: each.policy_row == clock.policy_row and each.is_by_law


def _close_pauses(clock: Clock, by: User, at: datetime) -> None:
    ClockPause.objects.filter(clock=clock, ended_at=None).update(ended_at=at, ended_by=by)


def _named(clock: Clock) -> dict[str, str]:
    return {"clock": clock.kind, "row": clock.policy_row, "due_at": clock.due_at.isoformat()}


def _record(name: str, clock: Clock, by: User, at: datetime, data: dict[str, str]) -> None:
    record(
        name, conversation_id=clock.conversation_id, by=by, subject="clock", subject_id=clock.pk, at=at, data=data
    )  # fmt: skip
