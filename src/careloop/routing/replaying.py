"""A stretch of recorded work served again in another order. No database, no framework.

A discrete-event replay. Customers arrive when they did, with the target they had then. Each moment at which a team
really gave a first answer is one place in its day, and whoever the rule puts first then gets it: the team works as
much and as fast as it did, only the order is the rule's. Who left without an answer leaves at that moment here too,
unless the rule served them before. A case becomes late when its own target passes in the replay.

The order is kept as the desk keeps it (`heads`, `priority`): sorted lists by tier and class, and the best of their
heads.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from careloop.routing.priority import Case, Weights, rank, score

ARRIVES, RUNS_LATE, LEAVES, IS_FREE = range(4)
"""What happens first when two things happen at one moment."""
STEPS_TOLD = 2_000

Event = tuple[float, int, int]  # hour, what, turn
Served = dict[int, float]
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """One customer waiting for a first answer. Moments in hours since some beginning; what was known is in labels."""

    id: int
    team: int
    arrived: float
    due: float
    target_hours: float
    severity: str
    handling_class: str
    nature: str
    value: float
    source: float
    is_danger: bool
    answered: float | None = None
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """How the desk scores: the weights, the points of each severity, the hours of each class."""

    weights: Mapping[str, float]
    severities: Mapping[str, float]
    handling_hours: Mapping[str, float]

    def places(self, turn: Turn) -> tuple[tuple[int, int], tuple[int, int]]:
        """Tier and class of a turn in time, and once it is late."""
        case = Case(
            severity=self.severities.get(turn.severity, self.severities["unknown"]),
            value=turn.value,
            source=turn.source,
            target_hours=turn.target_hours,
            handling_hours=self.handling_hours.get(turn.handling_class, self.handling_hours["unknown"]),
            is_danger=turn.is_danger,
        )
        weights = Weights(**self.weights)
        found = [score(each, weights) for each in (case, replace(case, is_late=True))]
        return (found[0].tier, found[0].klass), (found[1].tier, found[1].klass)


def replay(turns: Sequence[Turn], rule: Rule, end: float, tell: Tell | None = None) -> Served:
    """When each turn would have been answered under this rule; who is missing still waited at the end, or left."""
    by_team: dict[int, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_team[turn.team].append(turn)
    served: Served = {}
    for some in by_team.values():
        served |= _replay_team(some, rule, end, tell)
    return served


def _replay_team(turns: Sequence[Turn], rule: Rule, end: float, tell: Tell | None) -> Served:
    places = {turn.id: rule.places(turn) for turn in turns}
    queue, served = _Queue(), {}
    known = {turn.id: turn for turn in turns}
    for number, (moment, what, which) in enumerate(sorted(_events(turns, end)), start=1):
        if what == ARRIVES:
            queue.put(known[which], places[which][0])
        elif what == RUNS_LATE:
            queue.move(known[which], places[which][1])
        elif what == LEAVES:
            queue.take_out(which)
        else:
            first = queue.take_first(moment)
            if first is not None:
                served[first] = moment
        if tell is not None and number % STEPS_TOLD == 0:
            tell(STEPS_TOLD)
    return served


def _events(turns: Iterable[Turn], end: float) -> Iterable[Event]:
    for turn in turns:
        yield turn.arrived, ARRIVES, turn.id
        if turn.due > turn.arrived:
            yield turn.due, RUNS_LATE, turn.id
        if turn.left is not None and turn.left <= end:
            yield turn.left, LEAVES, turn.id
        if turn.answered is not None and turn.answered <= end:
            yield turn.answered, IS_FREE, turn.id


class _Queue:
    """Lists by tier and class, the oldest of each on top. What moved or left is passed over when it comes up."""

    def __init__(self) -> None:
        self.lists: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
        self.place_of: dict[int, tuple[int, int]] = {}

    def put(self, turn: Turn, place: tuple[int, int]) -> None:
        self.place_of[turn.id] = place
        heapq.heappush(self.lists[place], (turn.arrived, turn.id))

    def move(self, turn: Turn, place: tuple[int, int]) -> None:
        if self.place_of.get(turn.id, place) != place:
            self.put(turn, place)

    def take_out(self, which: int) -> None:
        self.place_of.pop(which, None)

    def take_first(self, moment: float) -> int | None:
        best: tuple[int, float, float, int] | None = None
        for place in list(self.lists):
            head = self._head(place)
            if head is not None:
                tier, klass = place
                standing = (tier, -rank(klass, moment - head[0]), *head)
                best = standing if best is None or standing < best else best
        if best is None:
            return None
        self.take_out(best[3])
        return best[3]

    def _head(self, place: tuple[int, int]) -> tuple[float, int] | None:
        rows = self.lists[place]
        while rows and self.place_of.get(rows[0][1]) != place:
            heapq.heappop(rows)
        if rows:
            return rows[0]
        del self.lists[place]
        return None
