"""What another order would have meant for those who waited. No database, no framework."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from careloop.routing.replaying import Turn

SHOWN = 20
DANGER, ORDINARY = "0", "2"
UNKNOWN = "unknown"
ONE_MINUTE = 1 / 60

Served = Mapping[int, float]


@dataclass(frozen=True)
class Figures:
    """Of ``n`` turns: mean wait and the wait that nine in ten stayed below, in hours, and the share within target.

    Who still waits at the end counts with the wait until then (``waiting`` of them), so both are at least that long.
    """

    n: int
    waiting: int
    mean_hours: float | None
    p90_hours: float | None
    within_target: float | None


@dataclass(frozen=True)
class Line:
    """One group of turns: as it was recorded, and as both rules would have served it."""

    by: str
    label: str
    actual: Figures
    current: Figures
    proposed: Figures


@dataclass(frozen=True)
class Changed:
    """One conversation whose wait would have changed, in hours."""

    id: int
    severity: str
    actual: float
    current: float
    proposed: float


@dataclass(frozen=True)
class Comparison:
    """``left`` went without an answer and are in no figure; ``same`` would have waited as long to the minute."""

    turns: int
    left: int
    longer: int
    shorter: int
    same: int
    lines: list[Line] = field(default_factory=list)
    longest_more: list[Changed] = field(default_factory=list)
    longest_less: list[Changed] = field(default_factory=list)


def compare(turns: Sequence[Turn], current: Served, proposed: Served, *, end: float) -> Comparison:
    """Both rules and what was recorded, over the turns that were answered or still wait in all three."""
    actual = {turn.id: turn.answered for turn in turns if turn.answered is not None and turn.answered <= end}
    stayed = [turn for turn in turns if turn.left is None or turn.left > end]
    waits = {turn.id: [_wait(turn, served, end) for served in (actual, current, proposed)] for turn in stayed}
    changed = [Changed(turn.id, turn.severity, *waits[turn.id]) for turn in stayed]
    more = [each for each in changed if each.proposed - each.current > ONE_MINUTE]
    less = [each for each in changed if each.current - each.proposed > ONE_MINUTE]
    return Comparison(
        turns=len(stayed),
        left=len(turns) - len(stayed),
        longer=len(more),
        shorter=len(less),
        same=len(stayed) - len(more) - len(less),
        lines=[
            Line(by, label, *(figures(some, served, end) for served in (actual, current, proposed)))
            for by, label, some in _groups(stayed)
        ],
        longest_more=sorted(more, key=lambda each: (each.current - each.proposed, each.id))[:SHOWN],
        longest_less=sorted(less, key=lambda each: (each.proposed - each.current, each.id))[:SHOWN],
    )


def figures(turns: Sequence[Turn], served: Served, end: float) -> Figures:
    waits = sorted(_wait(turn, served, end) for turn in turns)
    known = [turn for turn in turns if turn.id in served or turn.due <= end]
    kept = sum(1 for turn in known if turn.id in served and served[turn.id] <= turn.due)
    return Figures(
        n=len(waits),
        waiting=sum(1 for turn in turns if turn.id not in served),
        mean_hours=sum(waits) / len(waits) if waits else None,
        p90_hours=waits[math.ceil(0.9 * len(waits)) - 1] if waits else None,
        within_target=kept / len(known) if known else None,
    )


def _wait(turn: Turn, served: Served, end: float) -> float:
    return max(served.get(turn.id, end) - turn.arrived, 0.0)


def _groups(turns: Sequence[Turn]) -> Iterable[tuple[str, str, list[Turn]]]:
    yield "all", "", list(turns)
    ways: tuple[tuple[str, Callable[[Turn], str]], ...] = (
        ("tier", lambda turn: DANGER if turn.is_danger else ORDINARY),
        ("severity", lambda turn: turn.severity or UNKNOWN),
        ("nature", lambda turn: turn.nature or UNKNOWN),
    )
    for by, label_of in ways:
        found: dict[str, list[Turn]] = {}
        for turn in turns:
            found.setdefault(label_of(turn), []).append(turn)
        yield from ((by, label, found[label]) for label in sorted(found, key=lambda label: (-len(found[label]), label)))
