"""Who was meant to be at the desk and who was: three months of shifts and presence, and the week to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from careloop.accounts.models import Presence, Shift, User
from careloop.common.transaction import writes
from careloop.demo.content import people
from careloop.demo.plan import DAYS, SEED
from careloop.demo.rhythm import SUNDAY, ZONE
from careloop.demo.staging.cast import Cast

SATURDAY = 5
WEEK_AHEAD = 7
BATCH = 500
State = Presence.State


@writes
def make_rota(cast: Cast, now: datetime) -> None:
    """Shifts of everybody, with recorded presence up to now. A rota that is there stays."""
    users = list(cast.people.values())
    if Shift.objects.filter(user__in=users).exists():
        return
    rng = Random(SEED)  # noqa: S311
    shifts: list[Shift] = []
    stretches: list[Presence] = []
    for place, (key, user) in enumerate(cast.people.items()):
        windows = list(_windows(people()[key].shift, place, now))
        shifts += [Shift(user=user, starts_at=opens, ends_at=closes) for opens, closes in windows]
        stretches += _presence(user, windows, now, rng)
    Shift.objects.bulk_create(shifts, batch_size=BATCH)
    Presence.objects.filter(user__in=users).delete()
    Presence.objects.bulk_create(stretches, batch_size=BATCH)


def _windows(shift: list[list[str]], place: int, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Monday to Friday, and every second Saturday in turns."""
    today = now.astimezone(ZONE).date()
    for ahead in range(-DAYS, WEEK_AHEAD + 1):
        day = today + timedelta(days=ahead)
        is_saturday_off = day.weekday() == SATURDAY and (day.isocalendar().week + place) % 2
        if day.weekday() == SUNDAY or is_saturday_off:
            continue
        for opens, closes in shift:
            yield (
                datetime.combine(day, time.fromisoformat(opens), ZONE),
                datetime.combine(day, time.fromisoformat(closes), ZONE),
            )


def _presence(user: User, windows: list[tuple[datetime, datetime]], now: datetime, rng: Random) -> list[Presence]:
    """Online about the hours of the shift, gone in between; the last stretch is still open."""
    told: list[Presence] = []
    for opens, closes in windows:
        came = opens + timedelta(minutes=rng.uniform(-4, 6))
        left = closes + timedelta(minutes=rng.uniform(-6, 14))
        if came >= now:
            break
        _close(told, came)
        told.append(Presence(user=user, state=State.ONLINE, since=came))
        if left < now:
            _close(told, left)
            told.append(Presence(user=user, state=State.OFFLINE, since=left))
    return told


def _close(told: list[Presence], at: datetime) -> None:
    if told:
        told[-1].until = at
