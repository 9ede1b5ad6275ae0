"""Plan three hundred conversations: who writes what, when, and how far it has come. Imports neither Django nor us.

The same seed and the same moment give the same plan. Every opening of the hand-written threads is used at
most once, so no two conversations begin alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from random import Random

from careloop.demo.casting import Casting, Order
from careloop.demo.content import Client, Person, Stranger, Thread, people, strangers, threads
from careloop.demo.pacing import Pace, Step
from careloop.demo.rhythm import customer_moment, day_weight, working_moment
from careloop.demo.wording import pick

SEED = 20260101
DAYS = 91
CHINESE, ENGLISH = 177, 120
PROMOTIONS = (3, 31, 66)
"""Days ago on which a promotion began."""


class Fate(StrEnum):
    """How far a conversation has come today."""

    UNASSIGNED = "unassigned"
    ASSIGNED = "assigned"
    OVERDUE = "overdue"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    UNDELIVERED = "undelivered"
    REOPENED = "reopened"
    SURVEYED = "surveyed"
    CLOSED = "closed"

    @property
    def is_resolved(self) -> bool:
        return self in (Fate.SURVEYED, Fate.CLOSED)


COUNTS = {
    Fate.REOPENED: 6,
    Fate.UNDELIVERED: 3,
    Fate.UNASSIGNED: 11,
    Fate.ASSIGNED: 15,
    Fate.OVERDUE: 6,
    Fate.WAITING: 14,
    Fate.SNOOZED: 6,
    Fate.SURVEYED: 126,
}
"""The pickiest first. The rest is closed without a survey's answer."""
PINNED = {
    ("zh-allergy", 0): Fate.UNASSIGNED, ("zh-pump-broken", 0): Fate.UNASSIGNED, ("en-media", 0): Fate.ASSIGNED,
    ("en-allergy", 1): Fate.SURVEYED, ("zh-allergy", 1): Fate.SURVEYED,
}  # fmt: skip
"""What everybody should find: a fresh emergency on top of the queue, and two that ended well."""
HOURS_AGO = {
    Fate.UNASSIGNED: (0.1, 9),
    Fate.ASSIGNED: (0.7, 40),
    Fate.OVERDUE: (30, 100),
    Fate.WAITING: (20, 130),
    Fate.SNOOZED: (30, 150),
    Fate.UNDELIVERED: (24, 130),
    Fate.REOPENED: (220, 460),
}


@dataclass(frozen=True)
class Planned:
    """One conversation from its first message to where it stands."""

    thread: Thread
    variant: int
    fate: Fate
    client: Client
    door: str
    agent: Person
    start: datetime
    subject: str
    steps: tuple[Step, ...]
    order: Order | None

    @property
    def key(self) -> str:
        return f"{self.thread.key}-{self.variant}"


@dataclass(frozen=True)
class Visit:
    """A stranger's mail that quotes the number of ``client``'s latest conversation."""

    stranger: Stranger
    client: str
    at: datetime


@dataclass(frozen=True)
class Plan:
    conversations: tuple[Planned, ...]
    orders: tuple[Order, ...]
    visits: tuple[Visit, ...]


@lru_cache(maxsize=2)
def build(now: datetime, seed: int = SEED) -> Plan:
    """The whole plan, conversations in the order in which they began."""
    rng = Random(seed)  # noqa: S311
    casting = Casting(rng, now)
    drafts = [(thread, variant, fate, _start(rng, fate, now, thread)) for thread, variant, fate in _fates(rng)]
    drafts.sort(key=lambda draft: (draft[3], draft[0].key))
    planned = [_conversation(rng, casting, now, *draft) for draft in drafts]
    planned.sort(key=lambda each: each.start)
    casting.add_earlier_orders()
    return Plan(tuple(planned), tuple(casting.orders), tuple(_visits(rng, now)))


def _fates(rng: Random) -> list[tuple[Thread, int, Fate]]:
    """Every use of a thread with its fate: the demanding fates choose first, the rest is closed."""
    free = _uses(rng)
    found = [(*_take(free, key), fate) for key, fate in PINNED.items()]
    for fate, count in COUNTS.items():
        wanted = count - sum(1 for each in found if each[2] == fate)
        for _ in range(wanted):
            thread, variant = next(use for use in free if _suits(fate, *use))
            free.remove((thread, variant))
            found.append((thread, variant, fate))
    return found + [(thread, variant, Fate.CLOSED) for thread, variant in free]


def _uses(rng: Random) -> list[tuple[Thread, int]]:
    """The openings to be used, shuffled; what is rare (danger, relapse) is never left out."""
    uses = [(thread, variant) for thread in threads() for variant in range(len(thread.open))]
    rng.shuffle(uses)
    uses.sort(key=lambda use: not (use[0].urgent or use[0].after))
    chosen = [use for use in uses if use[0].lang == "zh"][:CHINESE]
    chosen += [use for use in uses if use[0].lang == "en"][:ENGLISH]
    rng.shuffle(chosen)
    return chosen


def _take(free: list[tuple[Thread, int]], key: tuple[str, int]) -> tuple[Thread, int]:
    use = next(use for use in free if (use[0].key, use[1]) == key)
    free.remove(use)
    return use


def _suits(fate: Fate, thread: Thread, variant: int) -> bool:
    has_reply = "agent" in thread.talk[0] and not thread.is_call(variant)
    if fate == Fate.REOPENED:
        return bool(thread.after) and not thread.is_call(variant)
    if fate == Fate.UNDELIVERED:
        return has_reply and "email" in thread.doors and not thread.urgent
    if fate in (Fate.WAITING, Fate.SNOOZED):
        return has_reply and not thread.urgent and not thread.after
    if fate == Fate.UNASSIGNED:
        return not thread.slow and not thread.after and not thread.urgent
    if fate == Fate.OVERDUE:
        return thread.slow or (thread.truth["class"] in "BD" and not thread.urgent and not thread.after)
    if fate == Fate.SURVEYED:
        return bool(thread.survey) and (_is_pleased(thread, variant) or (len(thread.key) + variant) % 3 > 0)
    return not thread.after


def _is_pleased(thread: Thread, variant: int) -> bool:
    """Whether this variant's customer gives a four or a five overall."""
    return thread.survey[variant % len(thread.survey)][2] > 3


def _start(rng: Random, fate: Fate, now: datetime, thread: Thread) -> datetime:
    if fate in HOURS_AGO:
        moment = now - timedelta(hours=rng.uniform(*HOURS_AGO[fate]))
        return moment.replace(microsecond=0)
    days = range(3, DAYS)
    weights = [day_weight(now - timedelta(days=ago), ago, PROMOTIONS) for ago in days]
    day = now - timedelta(days=rng.choices(days, weights)[0])
    return working_moment(rng, day) if thread.urgent else customer_moment(rng, day)


def _conversation(
    rng: Random, casting: Casting, now: datetime, thread: Thread, variant: int, fate: Fate, start: datetime
) -> Planned:
    door = _door(rng, thread, variant, fate)
    client = casting.client_for(thread, variant, door, start)
    agent = _agent(rng, thread)
    order = casting.order_for(thread, variant, client, start)
    slots = casting.slots(thread, variant, client, order, start, agent)
    pace = Pace(rng.randrange(2**32), thread, variant, client, agent, slots)
    while (steps := _so_far(pace.steps(start, fate), now))[-1].at >= now:
        start -= timedelta(days=1)
    subject = pace.words(pick(thread.subject, variant)) if thread.subject and door in _WITH_SUBJECT else ""
    casting.remember(client, start)
    return Planned(thread, variant, fate, client, door, agent, start, subject, tuple(steps), order)


def _so_far(steps: list[Step], now: datetime) -> list[Step]:
    """Asking how it went may still lie ahead; everything else has happened."""
    return [step for step in steps if step.kind != "followup" or step.at < now]


def _door(rng: Random, thread: Thread, variant: int, fate: Fate) -> str:
    if thread.is_call(variant):
        return "phone"
    if fate == Fate.UNDELIVERED:
        return "email"
    return rng.choice([door for door in thread.doors if door != "phone"])


def _agent(rng: Random, thread: Thread) -> Person:
    """Who answers: by team, then by language; a thread may name its agent."""
    if thread.agent:
        return people()[thread.agent]
    if thread.is_wholesale:
        shares = {"huang": 6, "shen": 4} if thread.lang == "zh" else {"shen": 7, "huang": 3}
    else:
        shares = {"lin": 5, "zhou": 6} if thread.lang == "zh" else {"emma": 7, "lin": 3}
    return people()[rng.choices(list(shares), list(shares.values()))[0]]


def _visits(rng: Random, now: datetime) -> list[Visit]:
    targets = {"zh": "c01", "en": "c39"}
    return [
        Visit(stranger, targets[stranger.lang], now - timedelta(hours=rng.uniform(3, 60))) for stranger in strangers()
    ]


_WITH_SUBJECT = ("email", "portal", "wholesale")
