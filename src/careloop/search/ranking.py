"""Ranking by words in memory (BM25), for hundreds or a few thousand texts. Asks no database.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 = 1.4 and b = 0.6:
texts of ours differ in length because some matters are long, not because they are about more.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from careloop.search.common_words import COMMON
from careloop.search.tokenizer import tokens

K = TypeVar("K", bound=Hashable)

SATURATION = 1.4
LENGTH = 0.6
LONGEST_QUERY = 600
# A handful of texts cannot say which words are rare: weights are those of a collection of at least so many.
LEAST_TEXTS = 50
# A word that no text holds, often half of two Chinese ones, counts this much of what the rarest known one counts.
UNKNOWN = 0.4
WORDS_SHOWN = 4
_ENDINGS = (("ies", "y", 5), ("ing", "", 6), ("ed", "", 5), ("es", "e", 5), ("s", "", 4))


@dataclass(frozen=True, slots=True)
class Hit(Generic[K]):
    """One text that fits: how well, which words of the question it shares, weightiest first, and what share of the
    question's weight they are (0 to 1).
    """

    key: K
    score: float
    words: tuple[str, ...]
    share: float


def stem(token: str) -> str:
    """An English word without its commonest endings; everything else as it is."""
    if not token.isascii():
        return token
    for ending, instead, least in _ENDINGS:
        if token.endswith(ending) and len(token) >= least and not token.endswith("ss"):
            return token[: -len(ending)] + instead
    return token


def telling_tokens(text: str) -> list[str]:
    """What of a text tells it from others: its tokens without the common ones, English endings taken off."""
    return [stem(each) for each in tokens(text) if each not in COMMON and not (len(each) == 1 and each.isascii())]


class Shelf(Generic[K]):
    """A fixed set of texts, ready to be asked. A text is given as parts with weights: a title says more."""

    def __init__(self, texts: Iterable[tuple[K, Sequence[tuple[str, int]]]]) -> None:
        self._lengths: dict[K, float] = {}
        self._found: defaultdict[str, dict[K, float]] = defaultdict(dict)
        for key, parts in texts:
            self._add(key, parts)
        self._mean = sum(self._lengths.values()) / len(self._lengths) if self._lengths else 1.0

    def __len__(self) -> int:
        return len(self._lengths)

    def _add(self, key: K, parts: Sequence[tuple[str, int]]) -> None:
        counts: Counter[str] = Counter()
        for text, weight in parts:
            for token in telling_tokens(text):
                counts[token] += weight
        self._lengths[key] = float(sum(counts.values()))
        for token, count in counts.items():
            self._found[token][key] = float(count)

    def best(self, question: str, limit: int) -> list[Hit[K]]:
        """The texts that share the weightiest words with the question, best first; equal ones in the given order."""
        scores: defaultdict[K, float] = defaultdict(float)
        shared: defaultdict[K, list[tuple[float, str]]] = defaultdict(list)
        asked = list(dict.fromkeys(telling_tokens(question[:LONGEST_QUERY])))
        weights = {token: self._weight(token) for token in asked}
        for token, weight in weights.items():
            for key, count in self._found.get(token, {}).items():
                gain = weight * count * (SATURATION + 1) / (count + SATURATION * self._stretch(key))
                scores[key] += gain
                shared[key].append((gain, token))
        ranked = sorted(scores, key=lambda key: -scores[key])[:limit]
        whole = sum(weight if token in self._found else UNKNOWN * weight for token, weight in weights.items()) or 1.0
        return [
            Hit(
                key,
                scores[key],
                shown_words(asked, shared[key]),
                sum(weights[token] for _gain, token in shared[key]) / whole,
            )
            for key in ranked
        ]

    def _weight(self, token: str) -> float:
        return rarity(len(self._found.get(token, ())), len(self._lengths))

    def _stretch(self, key: K) -> float:
        return 1 - LENGTH + LENGTH * self._lengths[key] / (self._mean or 1.0)


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
