"""How the top of the queue would change with other weights, before anybody saves them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careloop.routing.explaining import Explanation, explanation
from careloop.routing.heads import place_of
from careloop.routing.models import PriorityWeights, QueueEntry
from careloop.routing.scoring import place
from careloop.routing.services.queue import Page, score_sorted

if TYPE_CHECKING:
    from careloop.accounts.models import User

LOOKED_AT = 100
SHOWN = 15


@dataclass(frozen=True)
class Line:
    """One conversation at its place; ``moved`` is how many places it climbs (or falls) with these weights."""

    entry: QueueEntry
    position: int
    moved: int
    why: Explanation


def top_of_queue(user: User, weights: PriorityWeights | None = None) -> list[Line]:
    """The first rows of this person's queue, in the order they would have with these weights (or have now).

    Looks at the first hundred: a row from further down cannot climb past rows it was never compared with.
    """
    page = score_sorted(user, limit=LOOKED_AT)
    before = {entry.pk: position for position, entry in enumerate(page.entries)}
    entries = page.entries if weights is None else _rescored(page, weights)
    return [
        Line(entry, position + 1, before[entry.pk] - position, explanation(entry, now=page.as_of))
        for position, entry in enumerate(entries[:SHOWN])
    ]


def _rescored(page: Page, weights: PriorityWeights) -> list[QueueEntry]:
    entries = [place(copy(entry), entry.parts["inputs"], weights) for entry in page.entries]
    return sorted(
        entries,
        key=lambda entry: place_of(entry.tier, entry.klass, entry.waiting_since, entry.due_at, entry.pk, page.as_of),
    )
