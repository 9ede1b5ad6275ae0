"""When something is due, worked out from a target and the hours we keep. No database, no framework.

A target counts in business time (the clock stands still while we are closed) or in elapsed time. Two rules come
from the response-time table this desk ships with:

* outside working hours the answer is due within `after_opening_seconds` of the next opening, so a target that
  starts while we are closed is never longer than that, and an elapsed target that would end while we are closed
  ends that long after we open again;
* safety is answered at once, even off hours: its target is elapsed and has no such rule (the 24x7 override).

The warning point is the share `warn_share` of the way, measured in the time the target counts in; where the
due time was moved past an opening, it is that opening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

WARN_SHARE = 0.75


class Hours(Protocol):
    """What a deadline asks of a calendar."""

    def is_open(self, at: datetime) -> bool: ...

    def add(self, start: datetime, seconds: float) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: answer or solve within `seconds`. `row` names the policy row it was read from."""

    row: str
    seconds: int
    business: bool = True
    after_opening_seconds: int | None = None
    warn_share: float = WARN_SHARE

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError("a target needs a positive number of seconds")
        if self.after_opening_seconds is not None and self.after_opening_seconds <= 0:
            raise ValueError("the time after opening must be positive")
        if not 0 < self.warn_share <= 1:
            raise ValueError("the warning share lies above 0 and is at most 1")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A target put on the calendar. `seconds` is what was really granted, which the off-hours rule may shorten."""

    target: Target
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    seconds: int


def deadline(target: Target, started_at: datetime, hours: Hours) -> Deadline:
    """When this target, started now, warns and is due. Raises what `hours.add` raises when it never opens."""
    if target.business:
        return _business(target, started_at, hours)
    return _elapsed(target, started_at, hours)


def earliest(targets: Iterable[Target], started_at: datetime, hours: Hours) -> Deadline | None:
    """Of all targets that apply the one due first; ties go to the shorter promise, then to the row's name."""
    found = [deadline(target, started_at, hours) for target in targets]
    return min(found, key=lambda each: (each.due_at, each.target.seconds, each.target.row), default=None)


def _business(target: Target, started_at: datetime, hours: Hours) -> Deadline:
    seconds = target.seconds
    if target.after_opening_seconds is not None and not hours.is_open(started_at):
        seconds = min(seconds, target.after_opening_seconds)
    return Deadline(
        target=target,
        started_at=started_at,
        warn_at=hours.add(started_at, seconds * target.warn_share),
        due_at=hours.add(started_at, seconds),
        seconds=seconds,
    )


def _elapsed(target: Target, started_at: datetime, hours: Hours) -> Deadline:
    """Elapsed time; with a time after opening it ends neither off hours nor sooner after opening than that."""
    due_at = started_at + timedelta(seconds=target.seconds)
    warn_at = started_at + timedelta(seconds=target.seconds * target.warn_share)
    asleep = _asleep(started_at, due_at, hours) if target.after_opening_seconds else None
    if asleep is not None:
        awake = hours.add(asleep, target.after_opening_seconds or 0)
        if awake > due_at:
            warn_at, due_at = hours.add(asleep, 0), awake
    return Deadline(target=target, started_at=started_at, warn_at=warn_at, due_at=due_at, seconds=target.seconds)


def _asleep(started_at: datetime, due_at: datetime, hours: Hours) -> datetime | None:
    """Which end lies off hours: the due time, else the start, else neither.

    Hours are half open: what is due exactly at closing time is due then, so the second before it decides.
    """
    if not hours.is_open(due_at - timedelta(seconds=1)):
        return due_at
    return None if hours.is_open(started_at) else started_at
