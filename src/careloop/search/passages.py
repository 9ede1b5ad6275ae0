"""An index of questions asked before, ranked by the words they share with a new one: FTS5 or tsvector.

Finding stays flat however many there are: only the rarest words of a question are asked for, as many as together
stand in a bounded number of passages. Whether somebody may see a passage is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from django.db import connection

from careloop.search.engines import passages_postgresql, passages_sqlite
from careloop.search.ranking import LONGEST_QUERY, UNKNOWN, Hit, rarity, shown_words, telling_tokens

LOOKED_THROUGH = 4_000
MOST_WORDS = 40
LONGEST_PASSAGE = 4_000


def _engine() -> ModuleType:
    return passages_postgresql if connection.vendor == "postgresql" else passages_sqlite


def put(passage_id: int, text: str) -> None:
    """Index a passage, or index it anew; in the caller's transaction."""
    _engine().put(passage_id, telling_tokens(text[:LONGEST_PASSAGE]))


def remove(passage_id: int) -> None:
    """Forget a passage; unknown ids are no error."""
    _engine().remove(passage_id)


def best(question: str, limit: int) -> list[Hit[int]]:
    """Passages that share the weightiest words with the question, best first."""
    asked = list(dict.fromkeys(telling_tokens(question[:LONGEST_QUERY])))[: MOST_WORDS * 3]
    if not asked:
        return []
    holding: Mapping[str, int] = _engine().holding(asked, LOOKED_THROUGH)
    rare = _rarest(holding)
    if not rare:
        return []
    total = _engine().count()
    weights = {token: rarity(n, total) for token, n in holding.items()}
    whole = sum(weights.values()) + UNKNOWN * rarity(0, total) * sum(each not in weights for each in asked)
    hits = []
    for passage, score, tokens in _engine().find({each: weights[each] for each in rare}, limit):
        shared = [(weights[each], each) for each in asked if each in tokens and each in weights]
        share = sum(weight for weight, _token in shared) / whole if whole else 0.0
        hits.append(Hit(passage, score, shown_words(asked, shared), share))
    return hits


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
