"""Sort questions that no article answers into groups of alike ones: leader clustering over weighed words.

Pure: imports no Django and asks no database, so that it runs in a process of its own (`python -m` on this module reads
JSON and writes JSON). Deterministic: the same questions in the same order give the same groups. Incremental: groups of
earlier runs are leaders already, a new question joins the one it is most like or begins a group.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from careloop.search.ranking import Shelf, rarity, telling_tokens

# At least this share of a question's weight must stand in one article for it to count as answered there.
ANSWERED = 0.3
ALIKE = 0.22
LONGEST = 600
KEPT_WORDS = 40


@dataclass(slots=True)
class Group:
    """``key`` is that of a row, or 0 for a new one; ``words`` are counted over its questions."""

    key: int
    words: dict[str, int]
    members: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grouped:
    """``answered`` questions found an article; the others are members of ``groups``."""

    answered: int
    groups: list[Group]


def group(
    questions: Sequence[tuple[int, str]], articles: Sequence[str], leaders: Sequence[tuple[int, dict[str, int]]]
) -> Grouped:
    """Questions (id, text) in order; texts of the articles; the groups there are already (key, words)."""
    shelf = Shelf((place, ((text, 1),)) for place, text in enumerate(articles))
    said = [(pk, _words_of(text)) for pk, text in questions if not _is_answered(shelf, text)]
    weights = _weights(said, leaders)
    groups = [Group(key, dict(words)) for key, words in leaders]
    posted = _Posted(groups, weights)
    for pk, tokens in said:
        if tokens:
            posted.place(pk, tokens)
    return Grouped(len(questions) - len(said), groups)


def _words_of(text: str) -> list[str]:
    """Without numbers: two customers who name their orders have that in common and nothing else."""
    return [each for each in telling_tokens(text[:LONGEST]) if not any(letter.isdecimal() for letter in each)]


def _is_answered(shelf: Shelf[int], text: str) -> bool:
    best = shelf.best(text, 1)
    return bool(best) and best[0].share >= ANSWERED


def _weights(
    said: Sequence[tuple[int, Sequence[str]]], leaders: Sequence[tuple[int, dict[str, int]]]
) -> dict[str, float]:
    holding = Counter(token for _pk, tokens in said for token in set(tokens))
    holding.update(token for _key, words in leaders for token in words)
    texts = len(said) + len(leaders)
    return {token: rarity(count, texts) for token, count in holding.items()}


class _Posted:
    """The groups by their words, so that a question meets only those it shares one with."""

    def __init__(self, groups: list[Group], weights: dict[str, float]) -> None:
        self._groups, self._weights = groups, weights
        self._found: defaultdict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(groups):
            self._post(place, each.words)

    def place(self, pk: int, tokens: Sequence[str]) -> None:
        words = dict.fromkeys(tokens, 1)
        nearest, likeness = self._nearest(words)
        if likeness >= ALIKE:
            joined = self._groups[nearest]
            new = [each for each in words if each not in joined.words]
            joined.words = _most(Counter(joined.words) + Counter(words))
            self._post(nearest, new)
        else:
            nearest = len(self._groups)
            self._groups.append(Group(0, words))
            self._post(nearest, words)
        self._groups[nearest].members.append(pk)

    def _post(self, place: int, words: Any) -> None:
        for token in words:
            self._found[token].append(place)

    def _nearest(self, words: dict[str, int]) -> tuple[int, float]:
        """The most alike group, the older of equals; its cosine."""
        met = sorted({place for token in words for place in self._found.get(token, ())})
        return max(
            ((place, self._cosine(words, self._groups[place])) for place in met), key=_by_likeness, default=(0, 0.0)
        )

    def _cosine(self, words: dict[str, int], other: Group) -> float:
        size = max(other.words.values())
        theirs = {token: count / size for token, count in other.words.items()}
        shared = sum(self._weights[each] ** 2 * theirs[each] for each in words if each in theirs)
        return shared / (self._length(words) * self._length(theirs) or 1.0)

    def _length(self, words: Any) -> float:
        return math.sqrt(sum((self._weights[token] * count) ** 2 for token, count in words.items()))


def _by_likeness(found: tuple[int, float]) -> tuple[float, int]:
    return (found[1], -found[0])


def _most(words: Counter[str]) -> dict[str, int]:
    return dict(words.most_common(KEPT_WORDS))


def readable(tokens: Sequence[str]) -> list[str]:
    """Words as people read them, in order: pairs that overlap are put together (退款, 款到 → 退款到)."""
    words: list[str] = []
    for token in tokens:
        before = next((each for each in words if _overlap(each, token)), None)
        behind = next((each for each in words if _overlap(token, each)), None)
        if before is not None:
            words[words.index(before)] = before + token[1:]
        elif behind is not None:
            words[words.index(behind)] = token + behind[1:]
        else:
            words.append(token)
    return list(dict.fromkeys(words))


def _overlap(first: str, second: str) -> bool:
    return not first.isascii() and not second.isascii() and len(second) > 1 and first[-1] == second[0]


def main() -> None:
    """One JSON object in, one out."""
    asked = json.load(sys.stdin)
    grouped = group(
        [(pk, text) for pk, text in asked["questions"]],
        asked["articles"],
        [(key, words) for key, words in asked["leaders"]],
    )
    json.dump(asdict(grouped), sys.stdout)


if __name__ == "__main__":
    main()
