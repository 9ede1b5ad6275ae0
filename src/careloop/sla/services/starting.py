"""Start clocks, and set them anew when we learn more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from careloop.business_hours.arithmetic import Schedule
from careloop.common.db.rows import insert
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.services.describing import move_next_due
from careloop.conversations.services.locking import locked
from careloop.sla import events
from careloop.sla.deadlines import Deadline
from careloop.sla.facts import Facts, Labelled, as_json, facts_of
from careloop.sla.models import Clock
from careloop.sla.policy import Starts, active_rows, deadline_for, rows_for, schedule_for
from careloop.sla.services.due import earliest_due

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation, Message

Kind = Clock.Kind
BECAUSE_CHECKED = "checked"


@writes
def start_clocks(conversation: Conversation, message: Message, predictions: Iterable[Labelled] = ()) -> list[Clock]:
    """What a customer's message makes us owe: an answer, and a solution. Returns the open clocks.

    A clock that runs already is only ever brought forward here: news of danger shortens it, a friendly second
    message does not lengthen it. Records ``clock.started``, or ``clock.retargeted``, once for the message.
    """
    setting = Setting(locked(conversation), predictions)
    waiting_since = conversation.waiting_since or message.created_at
    started = [setting.ensure(_answer_owed(conversation, setting.open), since=waiting_since)]
    if not conversation.is_resolved:
        started.append(setting.ensure(Kind.RESOLUTION, since=message.created_at))
    setting.keep([clock for clock in started if clock is not None])
    return setting.open


@writes
def restart_resolution(conversation: Conversation, predictions: Iterable[Labelled], *, at: datetime) -> Clock | None:
    """A reopened case gets a new solution clock from now; the old one keeps how it ended."""
    setting = Setting(locked(conversation), predictions)
    clock = setting.ensure(Kind.RESOLUTION, since=at)
    setting.keep([clock] if clock else [])
    return clock


@writes
def mark_checked(
    conversation: Conversation, predictions: Iterable[Labelled], *, by: User | None, at: datetime
) -> Clock | None:
    """Somebody looked the facts up: the clocks that start then begin (class B's hour, mission 74).

    Records ``conversation.checked``, and ``clock.started`` with the reason ``checked``. A second check changes
    nothing while that clock runs.
    """
    setting = Setting(locked(conversation), predictions)
    setting.because = BECAUSE_CHECKED
    record(events.FACTS_CHECKED, conversation_id=conversation.pk, by=by, at=at)
    clock = setting.ensure(Kind.RESOLUTION, since=at, starts=Starts.CHECKED)
    setting.keep([clock] if clock else [])
    return clock


@writes
def retarget(conversation: Conversation, predictions: Iterable[Labelled]) -> list[Clock]:
    """A person corrected what we understood: every open clock follows the row that holds now, either way.

    The time still counts from the customer's message. Records ``clock.retargeted`` with the old and the new
    row; what was late stays late.
    """
    setting = Setting(locked(conversation), predictions)
    setting.may_lengthen = True
    promised = [clock for clock in setting.open if not clock.is_by_law]
    changed = [setting.ensure(clock.kind, since=clock.started_at) for clock in promised]
    setting.keep([clock for clock in changed if clock is not None])
    return setting.open


class Setting:
    """One act of setting the clocks of one conversation: the table and the hours are read once."""

    may_lengthen = False
    because = ""
    """Why, where no message or correction is the reason; told with the event, so that who scores may follow."""

    def __init__(self, conversation: Conversation, predictions: Iterable[Labelled]) -> None:
        self.conversation = conversation
        self.facts: Facts = facts_of(conversation, predictions)
        self.open: list[Clock] = _open_clocks(conversation)
        self.moved_from: dict[int, str] = {}
        self.rows = active_rows()
        self.schedule: Schedule = schedule_for(conversation.team_id)

    def ensure(self, kind: str | None, *, since: datetime, starts: str = Starts.RECEIVED) -> Clock | None:
        """A new clock of this kind, or the open one when it changed; None when all stays as it is."""
        if kind is None:
            return None
        running = next((clock for clock in self.open if clock.kind == kind), None)
        started_at = running.started_at if running else since
        found = deadline_for(rows_for(self.rows, kind, self.facts, starts), started_at, self.schedule)
        if found is None:
            return None
        if running is None:
            return self._begin(kind, found)
        return running if self._move(running, found) else None

    def keep(self, changed: Sequence[Clock]) -> None:
        """Write what was begun or moved, tell of it, and keep the earliest due time beside the conversation."""
        begun = insert([clock for clock in changed if clock.pk is None])
        self._tell(events.CLOCK_STARTED, begun)
        moved = [clock for clock in changed if clock.pk in self.moved_from]
        for clock in moved:
            clock.save()
        self._tell(events.CLOCK_RETARGETED, moved)
        move_next_due(self.conversation, earliest_due(self.open))

    def _tell(self, name: str, clocks: Sequence[Clock]) -> None:
        """One event for one act, naming every clock it touched; a moved clock also names the row it followed."""
        if clocks:
            data: dict[str, Any] = {"clocks": [self._named(clock) for clock in clocks]}
            data |= {"because": self.because} if self.because else {}
            record(name, conversation_id=self.conversation.pk, subject="clock", data=data)

    def _named(self, clock: Clock) -> dict[str, Any]:
        named = {"id": clock.pk, "clock": clock.kind, "row": clock.policy_row, "due_at": clock.due_at.isoformat()}
        return named | ({"from_row": self.moved_from[clock.pk]} if clock.pk in self.moved_from else {})

    def _begin(self, kind: str, found: Deadline) -> Clock:
        clock = Clock(conversation=self.conversation, kind=kind, started_at=found.started_at)
        self._set(clock, found)
        self.open.append(clock)
        return clock

    def _move(self, clock: Clock, found: Deadline) -> bool:
        is_same = (clock.policy_row, clock.due_at) == (found.target.row, found.due_at)
        if is_same or (found.due_at > clock.due_at and not self.may_lengthen):
            return False
        self.moved_from[clock.pk] = clock.policy_row
        if clock.warned_at is not None and clock.warned_at < found.warn_at:
            clock.warned_at = None
        self._set(clock, found)
        return True

    def _set(self, clock: Clock, found: Deadline) -> None:
        clock.warn_at, clock.due_at = found.warn_at, found.due_at
        clock.target_seconds, clock.business = found.seconds, found.target.business
        clock.policy_row, clock.schedule = found.target.row, self.schedule.version
        clock.facts = as_json(self.facts)


def _open_clocks(conversation: Conversation) -> list[Clock]:
    """What runs already. A conversation that has just begun has none, which saves the question."""
    is_new = conversation.message_count == 1 and conversation.next_due_at is None
    return [] if is_new else list(Clock.objects.open().filter(conversation=conversation))


def _answer_owed(conversation: Conversation, open_clocks: Sequence[Clock]) -> str | None:
    if conversation.waiting_since is None:
        return None
    running = next((clock.kind for clock in open_clocks if clock.kind in Clock.RESPONSES), None)
    if running is not None:
        return running
    return Kind.FIRST_RESPONSE if conversation.first_replied_at is None else Kind.NEXT_RESPONSE
