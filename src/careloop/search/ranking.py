"""Ranking by words and ideas (BM25), in memory for hundreds or a few thousand texts. Asks no database.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 = 1.4 and b = 0.6:
texts of ours differ in length because some matters are long, not because they are about more. Three things are added:
words tell more or less whatever their rarity (`weighing`), ideas stand beside words (`ideas`), and words that stand
side by side in the question are nearly one: the name of a product says once what it says.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from careloop.search.common_words import COMMON
from careloop.search.ideas import ideas_in
from careloop.search.tokenizer import tokens
from careloop.search.weighing import BOTH_OF_GRAMMAR, MARK, stem, telling

K = TypeVar("K", bound=Hashable)

SATURATION = 1.4
LENGTH = 0.6
LONGEST_QUERY = 600
# A handful of texts cannot say which words are rare: weights are those of a collection of at least so many.
LEAST_TEXTS = 50
# A word that no text holds, often half of two Chinese ones, counts this much of what the rarest known one counts.
UNKNOWN = 0.4
WORDS_SHOWN = 4
# What each further word of a run of neighbours counts; the first counts whole.
NEIGHBOUR = 0.6
# What fits less is noise, and nothing is better than noise; counted in words that only one text holds.
LEAST_STRENGTH, LEAST_NAMED = 1.5, 0.4
LEAST_BESIDE_THE_BEST = 0.5
# So many of the best by single words are looked at closely.
LOOKED_AT_CLOSELY = 40


@dataclass(frozen=True, slots=True)
class Hit(Generic[K]):
    """One text that fits: how well, which words of the question it shares, weightiest first, and what share of the
    question's weight they are (0 to 1).

    ``strength`` is the score counted in words that only one text holds, so that collections of any size compare;
    ``named`` is, counted alike, what of it stands in the text's title or keywords.
    """

    key: K
    score: float
    words: tuple[str, ...]
    share: float
    strength: float = 0.0
    named: float = 0.0


def telling_tokens(text: str) -> list[str]:
    """What of a text tells it from others: its tokens without the common ones, English endings taken off."""
    stems = (stem(each) for each in tokens(text) if each not in COMMON and not (len(each) == 1 and each.isascii()))
    return [each for each in stems if each not in COMMON]


def signs(text: str) -> list[str]:
    """The telling tokens in order, and after them the marks of the ideas the text speaks of."""
    return [*telling_tokens(text), *(mark for mark, _words in ideas_in(text))]


class Asked:
    """A question, ready to be compared with texts of one collection: its signs in order, each once, and their weights.

    ``holding`` says how many of the ``texts`` hold each sign; signs that none holds may be missing.
    """

    def __init__(self, question: str, holding: Mapping[str, int], texts: int) -> None:
        self.signs = asked_signs(question)
        self.weights = {each: rarity(holding.get(each, 0), texts) * telling(each, texts) for each in self.signs}
        self._unit = rarity(1, texts)
        self._words = {each: weight for each, weight in self.weights.items() if not each.startswith(MARK)}
        self._whole = sum(
            weight if holding.get(each) else UNKNOWN * weight for each, weight in self._words.items()
        ) or 1.0  # fmt: skip
        self._spoken = dict(ideas_in(question[:LONGEST_QUERY]))

    def hit(self, key: K, counts: Mapping[str, float], stretch: float, named: Iterable[str] = ()) -> Hit[K]:
        """How well a text fits that holds these signs so often and is ``stretch`` times as long as most (b in it)."""
        gains = {
            each: self.weights[each] * counts[each] * (SATURATION + 1) / (counts[each] + SATURATION * stretch)
            for each in self.signs if each in counts
        }  # fmt: skip
        score = self._together(gains)
        return Hit(
            key, score, self._shown(gains), sum(self._words.get(each, 0.0) for each in gains) / self._whole,
            score / self._unit, sum(self.weights[each] for each in named if each in gains) / self._unit,
        )  # fmt: skip

    def _together(self, gains: Mapping[str, float]) -> float:
        score = 0.0
        run: list[float] = []
        for each in self.signs:
            if run and (each not in gains or each.startswith(MARK)):
                score += _run(run)
                run = []
            if each in gains:
                run.append(gains[each])
        return score + (_run(run) if run else 0.0)

    def _shown(self, gains: Mapping[str, float]) -> tuple[str, ...]:
        words = shown_words(
            self.signs,
            (
                (gain, each)
                for each, gain in gains.items()
                if telling(each) > BOTH_OF_GRAMMAR and not each.startswith(MARK)
            ),
        )
        told = " ".join(words)
        spoken = (self._spoken[each] for each in gains if each in self._spoken)
        return tuple(dict.fromkeys([*words, *(each for each in spoken if stem(each) not in told)]))[:WORDS_SHOWN]


def asked_signs(question: str) -> list[str]:
    """What a question is compared by, each once."""
    return list(dict.fromkeys(signs(question[:LONGEST_QUERY])))


def stretch(length: float, mean: float) -> float:
    """How much a text's length takes from what it holds: 1 for one of mean length, more for a longer one."""
    return 1 - LENGTH + LENGTH * length / (mean or 1.0)


def _run(gains: Sequence[float]) -> float:
    return max(gains) * (1 - NEIGHBOUR) + sum(gains) * NEIGHBOUR


class Shelf(Generic[K]):
    """A fixed set of texts, ready to be asked. A text is given as parts with weights: a title says more."""

    def __init__(self, texts: Iterable[tuple[K, Sequence[tuple[str, int]]]]) -> None:
        self._counts: dict[K, Counter[str]] = {}
        self._named: dict[K, frozenset[str]] = {}
        self._found: defaultdict[str, list[K]] = defaultdict(list)
        for key, parts in texts:
            self._add(key, parts)
        self._lengths = {key: float(counts.total()) for key, counts in self._counts.items()}
        self._mean = sum(self._lengths.values()) / len(self._lengths) if self._lengths else 1.0

    def __len__(self) -> int:
        return len(self._lengths)

    def _add(self, key: K, parts: Sequence[tuple[str, int]]) -> None:
        counts: Counter[str] = Counter()
        named: set[str] = set()
        for text, weight in parts:
            for sign in signs(text):
                counts[sign] += weight
                if weight > 1:
                    named.add(sign)
        self._counts[key], self._named[key] = counts, frozenset(named)
        for sign in counts:
            self._found[sign].append(key)

    def best(self, question: str, limit: int) -> list[Hit[K]]:
        """The texts that fit best by words and ideas, best first; equal ones in the given order."""
        held = {each: len(self._found[each]) for each in asked_signs(question) if each in self._found}
        asked = Asked(question, held, len(self._lengths))
        hits = [self._hit(asked, key) for key in self._nearest(asked, max(limit, LOOKED_AT_CLOSELY))]
        return sorted(hits, key=lambda each: -each.score)[:limit]

    def _nearest(self, asked: Asked, limit: int) -> list[K]:
        """By the sum of single words, which is quick."""
        scores: defaultdict[K, float] = defaultdict(float)
        for sign, weight in asked.weights.items():
            for key in self._found.get(sign, ()):
                count = self._counts[key][sign]
                scores[key] += weight * count / (count + SATURATION * stretch(self._lengths[key], self._mean))
        return sorted(scores, key=lambda key: -scores[key])[:limit]

    def _hit(self, asked: Asked, key: K) -> Hit[K]:
        return asked.hit(key, self._counts[key], stretch(self._lengths[key], self._mean), self._named[key])


class Fit(Protocol):
    @property
    def strength(self) -> float: ...

    @property
    def named(self) -> float: ...


F = TypeVar("F", bound=Fit)


def fitting(found: Sequence[F]) -> list[F]:
    """Those that say enough of the question, in what they are called too, and are not far behind the best."""
    best = max((each.strength for each in found), default=0.0)
    least = max(LEAST_STRENGTH, LEAST_BESIDE_THE_BEST * best)
    return [each for each in found if each.strength >= least and each.named >= LEAST_NAMED]


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets of words have in common, 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def rarity(holding: int, texts: int) -> float:
    """The weight of a word that so many of the texts hold."""
    return math.log(1 + max(max(texts, LEAST_TEXTS) - holding + 0.5, 0.5) / (holding + 0.5))


def shown_words(asked: Sequence[str], shared: Iterable[tuple[float, str]]) -> tuple[str, ...]:
    """Shared tokens as people read them: pairs that follow one another are put together again (退款, 款到 → 退款到)."""
    gains = {token: gain for gain, token in shared}
    words: list[tuple[float, str]] = []
    last = ""
    for token in asked:
        if token not in gains:
            last = ""
            continue
        if last and len(token) == 2 and not token.isascii() and last[-1] == token[0]:
            gain, word = words[-1]
            words[-1] = (gain + gains[token], word + token[-1])
        else:
            words.append((gains[token], token))
        last = "" if token.isascii() else token
    ranked = sorted(words, key=lambda each: -each[0])[:WORDS_SHOWN]
    return tuple(dict.fromkeys(word for _gain, word in ranked))
