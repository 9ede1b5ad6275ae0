"""Sort questions that no article answers into groups of alike ones.

Words and pairs of neighbouring words are weighed by how rare and how telling they are; each question is drawn a little
towards those nearest to it, so that two ways to ask meet by way of a third; then groups are put together from the
nearest up, by the mean likeness of all their members (average link), until no two are alike enough. All questions of
the window are grouped anew each time, which is twice as pure as adding to what is there; a group keeps the number
under which most of its questions stood before.

Pure: imports no Django and asks no database, so that it runs in a process of its own (`python -m` on this module reads
JSON and writes JSON). Deterministic: the same questions in the same order give the same groups.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage

from careloop.search.ranking import Shelf, fitting, rarity, telling_tokens
from careloop.search.weighing import telling

# So much of a question stands in its article, counted in words that only one text holds (docs/measurements/answers.md).
ANSWERED = 2.5
# Mean likeness of the questions of a group, once they are drawn together.
ALIKE = 0.55
# Likeness of a group, or of one question, with one that somebody settled: it is asked again.
ASKED_AGAIN = 0.35
NEIGHBOURS, DRAWN = 5, 2
# What is less like a question than this is no neighbour of it, however near among few.
LEAST_NEIGHBOUR = 0.15
# What two words side by side weigh, beside what each weighs.
PAIR = 0.5
HEADLINE = 4
LONGEST = 600
KEPT_WORDS = 40
NAMED_BY = 6
BLOCK = 512

# scipy.sparse.csr_matrix, which comes without types.
Vectors: TypeAlias = Any


@dataclass(slots=True)
class Group:
    """``key`` is that of a row, or 0 for a new one; ``words`` are counted over its questions, ``typical`` are those
    that tell it from the others, the most telling first.
    """

    key: int
    words: dict[str, int]
    members: list[int] = field(default_factory=list)
    typical: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grouped:
    """Of the new questions ``answered`` found an article; all others are members of ``groups``."""

    answered: int
    groups: list[Group]


def group(
    questions: Sequence[tuple[int, str, int]],
    articles: Sequence[tuple[str, str]],
    settled: Sequence[tuple[int, dict[str, int]]],
) -> Grouped:
    """Questions (id, text, key of the open group it stands in or 0) in order; the articles (what they are called,
    text); the groups that somebody settled (key, words): those stay, and take in what asks the same again, also when
    an article answers it by now, so that it can be counted whether the article helped.
    """
    shelf = Shelf((place, ((called, HEADLINE), (text, 1))) for place, (called, text) in enumerate(articles))
    answered = {pk for pk, text, key in questions if not key and _is_answered(shelf, text)}
    said = {pk: words for pk, text, _key in questions if (words := _words_of(text))}
    weights = _weights([*said.values()], [words for _key, words in settled])
    new = _alike([(pk, words) for pk, words in said.items() if pk not in answered], weights)
    _give_keys(new, {pk: key for pk, _text, key in questions if key})
    again = [Group(0, dict.fromkeys(said[pk], 1), [pk]) for pk in answered if pk in said]
    groups = _told_apart(new, again, [Group(key, dict(words)) for key, words in settled], weights)
    for each in groups:
        each.typical = _typical(each.words, weights)
    return Grouped(len(answered), groups)


def _give_keys(groups: Sequence[Group], earlier: Mapping[int, int]) -> None:
    """To each the number under which most of its questions stood; of several that claim one the largest keeps it."""
    votes = [
        (count, -place, key)
        for place, each in enumerate(groups)
        for key, count in Counter(earlier[pk] for pk in each.members if pk in earlier).items()
    ]
    given: set[int] = set()
    for _count, place, key in sorted(votes, reverse=True):
        if key not in given and not groups[-place].key:
            groups[-place].key = key
            given.add(key)


def _told_apart(
    new: Sequence[Group], again: Sequence[Group], settled: Sequence[Group], weights: Mapping[str, float]
) -> list[Group]:
    """The new groups, and the settled ones that something asks again; only there is what an article answers counted."""
    likest = _likest([*new, *again], settled, weights)
    kept = []
    for each, place in zip(new, likest, strict=False):
        if place is None or each.key:
            kept.append(each)
        else:
            settled[place].members += each.members
    for each, place in zip(again, likest[len(new) :], strict=True):
        if place is not None:
            settled[place].members += each.members
    return [*kept, *(each for each in settled if each.members)]


def _likest(groups: Sequence[Group], settled: Sequence[Group], weights: Mapping[str, float]) -> list[int | None]:
    """For each group the place of the settled one it asks again, None where there is none."""
    if not groups or not settled:
        return [None] * len(groups)
    alike = (_shares(groups, weights) @ _shares(settled, weights).T).toarray()
    return [int(row.argmax()) if row.max() >= ASKED_AGAIN else None for row in alike]


def _is_answered(shelf: Shelf[int], text: str) -> bool:
    return any(each.strength >= ANSWERED for each in fitting(shelf.best(text, 1)))


def _words_of(text: str) -> Counter[str]:
    """Words, and pairs of neighbouring English ones, which Chinese text is made of already. Without numbers: two
    customers who name their orders have that in common and nothing else.
    """
    words = [each for each in telling_tokens(text[:LONGEST]) if not any(letter.isdecimal() for letter in each)]
    pairs = (f"{one} {other}" for one, other in pairwise(words) if one.isascii() and other.isascii())
    return Counter([*words, *pairs])


def _weights(said: Sequence[Mapping[str, int]], settled: Sequence[Mapping[str, int]]) -> dict[str, float]:
    holding = Counter(word for words in (*said, *settled) for word in words)
    texts = len(said) + len(settled)
    return {word: rarity(count, texts) * (PAIR if " " in word else telling(word)) for word, count in holding.items()}


def _alike(said: Sequence[tuple[int, Counter[str]]], weights: Mapping[str, float]) -> list[Group]:
    """Groups among the new questions, in the order of their first ones."""
    if not said:
        return []
    vectors = _vectors([words for _pk, words in said], weights)
    for _time in range(DRAWN):
        vectors = _drawn_together(vectors)
    found: dict[int, Group] = {}
    for label, (pk, words) in zip(_labels(vectors), said, strict=True):
        joined = found.setdefault(label, Group(0, {}))
        joined.words = dict(Counter(joined.words) + Counter(dict.fromkeys(words, 1)))
        joined.members.append(pk)
    return [Group(0, _most(each.words), each.members) for each in found.values()]


def _vectors(texts: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> Vectors:
    """One row of length 1 a text."""
    places = {word: place for place, word in enumerate(weights)}
    values = [(1 + np.log(count)) * weights[word] for words in texts for word, count in words.items()]
    columns = [places[word] for words in texts for word in words]
    ends = np.cumsum([0, *(len(words) for words in texts)])
    return _of_length_one(sparse.csr_matrix((values, columns, ends), shape=(len(texts), len(weights))))


def _drawn_together(vectors: Vectors) -> Vectors:
    """Each row with the mean of its nearest added, weighed by their likeness."""
    count = vectors.shape[0]
    nearest = min(NEIGHBOURS, count - 1)
    if nearest < 1:
        return vectors
    rows = []
    for start in range(0, count, BLOCK):
        alike = (vectors[start : start + BLOCK] @ vectors.T).toarray()
        alike[np.arange(len(alike)), np.arange(start, start + len(alike))] = 0.0
        places = np.argpartition(-alike, nearest - 1, axis=1)[:, :nearest]
        shares = np.take_along_axis(alike, places, axis=1)
        shares[shares < LEAST_NEIGHBOUR] = 0.0
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
        ends = np.arange(0, places.size + 1, nearest)
        rows.append(sparse.csr_matrix((shares.ravel(), places.ravel(), ends), shape=(len(alike), count)) @ vectors)
    return _of_length_one(vectors + sparse.vstack(rows).tocsr())


def _labels(vectors: Vectors) -> list[int]:
    count = vectors.shape[0]
    if count == 1:
        return [0]
    apart = np.concatenate([_apart(vectors, start) for start in range(0, count, BLOCK)])
    return [int(each) for each in fcluster(linkage(apart, "average"), 1 - ALIKE, "distance")]


def _apart(vectors: Vectors, start: int) -> npt.NDArray[np.float64]:
    """One minus likeness of each row of the block with all rows after it, as linkage wants them."""
    alike = (vectors[start : start + BLOCK] @ vectors.T).toarray()
    return np.clip(1 - np.concatenate([row[start + place + 1 :] for place, row in enumerate(alike)]), 0.0, 1.0)


def _shares(groups: Sequence[Group], weights: Mapping[str, float]) -> Vectors:
    """One row of length 1 a group: how many of its questions hold each word, weighed."""
    places = {word: place for place, word in enumerate(weights)}
    values = [count * weights[word] for each in groups for word, count in each.words.items()]
    columns = [places[word] for each in groups for word in each.words]
    ends = np.cumsum([0, *(len(each.words) for each in groups)])
    return _of_length_one(sparse.csr_matrix((values, columns, ends), shape=(len(groups), len(weights))))


def _of_length_one(rows: Vectors) -> Vectors:
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-9)) @ rows)


def _most(words: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(words).most_common(KEPT_WORDS))


def _typical(words: Mapping[str, int], weights: Mapping[str, float]) -> list[str]:
    """What is said by many of its questions, two at least, and by few others. A word that stands in a pair chosen
    already is not said again.
    """
    chosen: list[str] = []
    shared = {word: count for word, count in words.items() if count > 1} or words
    for word in sorted(shared, key=lambda each: -shared[each] * weights[each] * (1 / PAIR if " " in each else 1)):
        if not any(word in other.split() or other in word.split() for other in chosen):
            chosen.append(word)
        if len(chosen) == NAMED_BY:
            break
    return readable(chosen)


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
        [(pk, text, key) for pk, text, key in asked["questions"]],
        [(called, text) for called, text in asked["articles"]],
        [(key, words) for key, words in asked["settled"]],
    )
    json.dump(asdict(grouped), sys.stdout)


if __name__ == "__main__":
    main()
