"""An index of questions asked before, ranked by words and ideas they share with a new one: FTS5 or tsvector.

Finding stays flat however many there are: only the rarest words of a question are asked for, as many as together
stand in a bounded number of passages. Whether somebody may see a passage is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import ModuleType

from django.db import connection

from careloop.search.engines import passages_postgresql, passages_sqlite
from careloop.search.ranking import Asked, Hit, asked_signs, signs, stretch

LOOKED_THROUGH = 4_000
MOST_WORDS = 40
LONGEST_PASSAGE = 4_000


def _engine() -> ModuleType:
    return passages_postgresql if connection.vendor == "postgresql" else passages_sqlite


def put(passage_id: int, text: str) -> None:
    """Index a passage, or index it anew; in the caller's transaction."""
    _engine().put(passage_id, signs(text[:LONGEST_PASSAGE]))


def remove(passage_id: int) -> None:
    """Forget a passage; unknown ids are no error."""
    _engine().remove(passage_id)


def best(question: str, limit: int) -> list[Hit[int]]:
    """Passages that fit the question, best first, each database's own order put right by ours: they rank alike."""
    wanted = asked_signs(question)[: MOST_WORDS * 3]
    if not wanted:
        return []
    holding: Mapping[str, int] = _engine().holding(wanted, LOOKED_THROUGH)
    rare = _rarest(holding)
    if not rare:
        return []
    asked = Asked(question, holding, _engine().count())
    found = [
        (passage, Counter(body))
        for passage, body in _engine().find({each: asked.weights[each] for each in rare}, limit)
    ]
    mean = sum(counts.total() for _passage, counts in found) / (len(found) or 1)
    hits = [asked.hit(passage, counts, stretch(counts.total(), mean)) for passage, counts in found]
    return sorted(hits, key=lambda each: -each.score)


def _rarest(holding: Mapping[str, int]) -> Sequence[str]:
    """The rarest words that together stand in no more passages than may be looked through; one at least."""
    chosen: list[str] = []
    together = 0
    for token, count in sorted(holding.items(), key=lambda each: each[1]):
        together += count
        if chosen and (together > LOOKED_THROUGH or len(chosen) == MOST_WORDS):
            break
        chosen.append(token)
    return chosen
