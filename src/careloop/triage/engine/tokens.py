"""A text cut once for every learned table: sentences, each with its features and where they stand.

Features are words, runs of them, stems, and the concepts they stand for, alone and two by two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from careloop.triage.engine.concepts import TOKEN, concepts
from careloop.triage.engine.prepare import Prepared

CHARACTERS_READ = 4_000  # a message says what it is about in its first thousand words
SENTENCES_READ = 120
LONGEST_SENTENCE = 28  # tokens: a longer one is cut at its next comma, so that what is grave in it is not drowned
STEMS = (4, 6)  # "charge", "charged" and "charger" have one stem
FIRST_HAN = "\u4e00"
MARKS = frozenset("?!")  # end a sentence and weigh, but say nothing as a reason

_CLAUSE_ENDS = frozenset("，。,.；;：:\n")
_SENTENCE_ENDS = frozenset("。；;\n?!")
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+")


class Sentence(NamedTuple):
    """The distinct features of a sentence and their places: four times the first token, plus the tokens covered."""

    features: Mapping[str, int]
    is_chinese: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, the clause each is in, and the features of every sentence."""

    folded: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    clauses: tuple[int, ...]
    sentences: tuple[Sentence, ...]

    @classmethod
    def of(cls, text: Prepared) -> Tokens:
        """Read once a message; every table then looks up the same features."""
        folded = _without_links(text.folded[:CHARACTERS_READ])
        known = concepts().of  # a hotline's number is a word; other numbers are all alike
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        clauses: list[int] = []
        clause = 0
        sentences: list[Sentence] = []
        begin = 0
        for match in TOKEN.finditer(folded):
            word = match[0]
            if word in _CLAUSE_ENDS:
                clause += 1
            else:
                words.append("0" if word.isdigit() and word not in known else word)
                spans.append(match.span())
                clauses.append(clause)
            if (
                word in _SENTENCE_ENDS
                or (word == "." and folded[match.end() : match.end() + 1] in ("", " ", "\n"))
                or (word in _CLAUSE_ENDS and len(words) - begin >= LONGEST_SENTENCE)
            ):
                clause += 1
                if begin < len(words):
                    sentences.append(_sentence(words, clauses, begin))
                begin = len(words)
        if begin < len(words):
            sentences.append(_sentence(words, clauses, begin))
        return cls(folded, tuple(words), tuple(spans), tuple(clauses), tuple(sentences[:SENTENCES_READ]))


def feature_names(folded: str) -> list[str]:
    """The distinct words, runs of words and stems of a text, without concepts."""
    sentences = Tokens.of(Prepared(folded, folded, ())).sentences
    return list(dict.fromkeys(name for one in sentences for name in one.features if not name.startswith("#")))


def _without_links(folded: str) -> str:
    """Addresses blanked: their parts are no words ("t.co" is not a gas)."""
    if "://" not in folded and "www." not in folded:
        return folded
    return _LINK.sub(lambda match: " " * len(match[0]), folded)


def _sentence(words: Sequence[str], clauses: Sequence[int], begin: int) -> Sentence:
    names: list[str] = []
    places: list[int] = []
    start = begin
    own = [clauses[at] for at in range(begin, len(words))]
    for end in [begin + at + 1 for at, (one, other) in enumerate(pairwise(own)) if one != other] + [len(words)]:
        _add_features(words[start:end], 4 * start, names, places)
        start = end
    # Backwards, so that of equal features the first in the sentence is the one that stays.
    features = dict(zip(names[::-1], places[::-1], strict=True))
    _add_concepts(features)
    return Sentence(features, sum(word >= FIRST_HAN for word in words[begin:]) > 1)


def _add_features(words: Sequence[str], begin: int, names: list[str], places: list[int]) -> None:
    """Words, pairs of them, runs of three that begin in Chinese, and the stems of longer Latin words."""
    count = len(words)
    names += words
    places += range(begin + 1, begin + 4 * count, 4)
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    names += pairs
    places += range(begin + 2, begin + 4 * count - 2, 4)
    for at, word in enumerate(words):
        if word >= FIRST_HAN:
            if at + 2 < count:
                names.append(f"{pairs[at]} {words[at + 2]}")
                places.append(begin + 4 * at + 3)
        elif len(word) > STEMS[0]:
            for stem in STEMS:
                if len(word) > stem:
                    names.append(word[:stem] + "*")
                    places.append(begin + 4 * at + 1)


def _add_concepts(features: dict[str, int]) -> None:
    """Concepts at the place of the first word that stands for one; pairs of them have no place."""
    known = concepts()
    met: dict[int, int] = {}
    concept_of = known.of.get
    for name, place in features.items():
        numbers = concept_of(name)
        if numbers is not None:
            for number in numbers:
                met[number] = place
    names, pairs = known.names, known.pairs
    present = sorted(met)
    for at, one in enumerate(present):
        features[names[one]] = met[one]
        called = pairs[one]
        for other in present[at + 1 :]:
            features[called[other]] = 0
