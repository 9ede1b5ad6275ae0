"""A second opinion, learned: small linear models that judge one sentence at a time.

They read runs of characters and words and the order of word classes (`data/second_opinion.yaml`), which lets what
was learned about one business hold for another. They were taught with our own sentences only (`data/sentences`,
`second_opinion_training`), need numpy alone, and only ever add a warning: the words of the lexicons go first.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from careloop.quality.engine.expressions import read_data
from careloop.quality.engine.opening import after_greeting
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.sentences import Span
from careloop.quality.engine.speech import speech

MODEL = Path(__file__).parent.parent / "data" / "second_opinion.npz"
HEADS = ("blame_shifting", "over_promise", "curt_or_robotic", "empathy", "business")
BITS = 16
BUCKETS = 1 << BITS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
_LONGEST_RUN = {"zh": 4, "en": 3}
_START, _END = 2, 3
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_CLASS_KIND = np.uint64(1 << 40)
_BLANKED = re.compile(r"\s{3}")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[a-z0']+|[?!]")
_NOT_LETTERS = re.compile(r"[\s\"“”‘’「」()\[\]<>~.,;:。、…]+")


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """One row of weights a feature, one column a head."""

    weights: Floats
    intercept: Floats

    def judge(self, sentences: Sequence[str], language: str) -> list[dict[str, float]]:
        """How much each head sees in each of these folded sentences, 0 to 1."""
        if not sentences:
            return []
        owners, rows = features(sentences, language)
        counts = np.bincount(owners, minlength=len(sentences))
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        sums = np.add.reduceat(self.weights[rows], starts, axis=0) / np.sqrt(counts)[:, None]
        scores = 1 / (1 + np.exp(-(sums + self.intercept)))
        return [dict(zip(HEADS, each, strict=True)) for each in scores.tolist()]


@cache
def second_opinion(language: str) -> SecondOpinion:
    """The shipped model of one language."""
    with np.load(MODEL, allow_pickle=False) as arrays:
        return SecondOpinion(arrays[f"weights_{language}"].astype(np.float32), arrays[f"intercept_{language}"])


def suspects(head: str, reply: Reply) -> list[Span]:
    """The sentences in which this head is believed to see something, in the order of the text.

    Where the data file names evidence for a head, the model only confirms: without such words it is not asked.
    """
    least: float = read_data("second_opinion")["from"][reply.language][head]
    return [
        span
        for span in _own(reply)
        if has_evidence(head, reply.slice(span), reply.language)
        and _scores(reply.slice(span), reply.language)[head] >= least
    ]


def score(head: str, reply: Reply, place: int) -> float:
    """What this head sees in the sentence around this place; 0 where nothing is ours."""
    around = next((span for span in _own(reply) if span.start <= place < span.end), None)
    return _scores(reply.slice(around), reply.language)[head] if around else 0.0


def limit(name: str) -> float:
    """One of the single limits of the data file."""
    return float(read_data("second_opinion")[name])


def _own(reply: Reply) -> list[Span]:
    """Every sentence in our own words, worked out once a reply."""
    if "second_opinion" not in reply.memory:
        reply.memory["second_opinion"] = own_sentences(reply)
    found: list[Span] = reply.memory["second_opinion"]
    return found


# While somebody types, the sentences already written come again with every key.
@lru_cache(maxsize=2048)
def _scores(sentence: str, language: str) -> dict[str, float]:
    return second_opinion(language).judge([sentence], language)[0]


def has_evidence(head: str, sentence: str, language: str) -> bool:
    """Whether a folded sentence holds words that may mean something to this head."""
    return head not in read_data("second_opinion")["evidence"] or head in _evident(sentence, language)


@lru_cache(maxsize=2048)
def _evident(sentence: str, language: str) -> frozenset[str]:
    """The heads for which the sentence holds one of the sets of word classes that may mean something."""
    seen = set(_class_order(sentence, language))
    evidence: dict[str, list[list[str]]] = read_data("second_opinion")["evidence"]
    return frozenset(head for head, sets in evidence.items() if any(seen.issuperset(each) for each in sets))


def own_sentences(reply: Reply) -> list[Span]:
    """The sentences to judge: not the greeting, nor what the customer said, nor what we would never say."""
    greeted = after_greeting(reply)
    after = [span for span in reply.sentences if span.end > greeted]
    return [span for span in after if not _is_about_words(reply.slice(span), reply.language)]


def _is_about_words(sentence: str, language: str) -> bool:
    return bool(_BLANKED.search(sentence) or speech("refused", language).search(sentence))


def features(sentences: Sequence[str], language: str) -> tuple[Ints, Ints]:
    """Which sentence touches which row of the weights: two columns, each pair once, ordered by sentence.

    Every sentence touches some, because its two ends are features as well.
    """
    longest: int = read_data("second_opinion")["longest"]
    short = [each[:longest] for each in sentences]
    keys = [*_runs([_units(each, language) for each in short], _LONGEST_RUN[language], 1)]
    if language == "en":
        stems = [[word[:5] for word in _WORD.findall(_NUMBER.sub("0", each))] for each in short]
        keys += _runs([_numbers(tuple(each)) for each in stems], 2, 101)
    keys.append(_class_keys(short, language))
    pairs = np.unique(np.concatenate(keys))
    return pairs // BUCKETS, pairs % BUCKETS


def _units(sentence: str, language: str) -> list[int]:
    text = _NUMBER.sub("0", sentence)
    if language == "zh":
        return [_START, *map(ord, _NOT_LETTERS.sub("", text)), _END]
    return [_START, *_numbers(tuple(_WORD.findall(text))), _END]


def _numbers(words: tuple[str, ...]) -> list[int]:
    return [zlib.crc32(word.encode()) for word in words]


def _runs(units: Sequence[Sequence[int]], longest: int, kind: int) -> Iterator[Ints]:
    """A key for every run of up to so many units of one sentence."""
    values = np.array([unit for each in units for unit in each], dtype=np.uint64)
    owners = np.repeat(np.arange(len(units)), [len(each) for each in units])
    running = np.zeros(len(values), dtype=np.uint64)
    for size in range(1, longest + 1):
        count = max(0, len(values) - size + 1)
        running = running[:count] * _PRIME + values[size - 1 : size - 1 + count]
        is_inside = owners[:count] == owners[size - 1 : size - 1 + count]
        yield owners[:count][is_inside] * BUCKETS + _bucket(running[is_inside] + np.uint64(kind + size))


def _bucket(values: npt.NDArray[np.uint64]) -> Ints:
    mixed = (values ^ (values >> np.uint64(31))) * _PRIME
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _PRIME
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _class_keys(sentences: Sequence[str], language: str) -> Ints:
    names = {name: number for number, name in enumerate(_classes(language).groupindex, 1)}
    found: list[int] = []
    owners: list[int] = []
    for owner, sentence in enumerate(sentences):
        seen = _class_features([names[name] for name in _class_order(sentence, language)])
        found.extend(seen)
        owners.extend([owner] * len(seen))
    buckets = _bucket(np.array(found, dtype=np.uint64) + _CLASS_KIND)
    return np.array(owners, dtype=np.int64) * BUCKETS + buckets


def _class_order(sentence: str, language: str) -> list[str]:
    return [hit.lastgroup for hit in _classes(language).finditer(sentence) if hit.lastgroup]


def _class_features(order: list[int]) -> set[int]:
    """Each class, which stands before which, and which stands right before which."""
    alone = set(order)
    before = {1_000 + one * 100 + later for at, one in enumerate(order) for later in order[at + 1 :]}
    near = {100_000 + one * 100 + later for at, one in enumerate(order) for later in order[at + 1 : at + 3]}
    return alone | before | near


@cache
def _classes(language: str) -> re.Pattern[str]:
    groups: dict[str, str] = read_data("second_opinion")[language]
    named = "|".join(f"(?P<{name}>{words})" for name, words in groups.items())
    return re.compile(named if language == "zh" else rf"(?<![\w'])(?:{named})(?![\w'])|(?P<asked>\?)")
