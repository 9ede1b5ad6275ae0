"""Finding many cues in a text at once: literal ones by looking up substrings and runs of words, patterns one by one.

A cue right after a negation (没有过敏, "no rash") is marked as such; whoever asks decides what that means.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from careloop.common.text import count_han, fold
from careloop.triage.engine.needles import Haystack
from careloop.triage.engine.prepare import Prepared

CHINESE_WINDOW = 4
ENGLISH_WINDOW = 3

_PATTERN = re.compile(r"[(|\[\\?+*.^$]")
_NEGATION_ZH = re.compile("[不没别无未]")
_NOT_A_NEGATION_ZH = re.compile(
    "大不了|不如|恨不得|巴不得|会不会|能不能|是不是|有没有|要不要|可不可以|不仅|不但|不只|不光|不得不|没想到|要不是|不知道|不知|不停|不断|不明不白|无缘无故|莫名|不小心|无语|无奈|别人|特别|分别|级别"
    "|不由|忍不住|受不了|无良|差不多|不是吗|没收到|没人管|不然|不料|不到|不久|不管|不解决|不处理|不退|不给|不赔|不回|不行|不是$"
)
_CLAUSE_END_ZH = re.compile("[,，。.!！?？;；:：\n~～ ]")
_NEGATING = (
    "no not never none without neither nor isn't wasn't aren't weren't don't doesn't didn't won't wouldn't can't cannot"
    " couldn't hasn't haven't hadn't isnt wasnt dont doesnt didnt wont nobody nothing cant"
)
_NEGATIONS_EN = frozenset(_NEGATING.split())
_AFTER_NEGATION_EN = frozenset({"only", "just", "sure", "wonder"})
_NEGATES_LATER_EN = re.compile(r"[.,;:!?\n]| but ")


class Found(NamedTuple):  # cheaper to make than a dataclass, and there are dozens a message
    """A cue in a text: what it stands for, where it is, and whether a negation stands before it."""

    key: object
    weight: float
    start: int
    end: int
    words: str
    negated: bool


@dataclass(slots=True)
class Lexicon:
    """Cues, each with a key (what it stands for) and a weight."""

    chinese: dict[str, list[tuple[object, float]]] = field(default_factory=lambda: defaultdict(list))
    english: dict[str, list[tuple[object, float]]] = field(default_factory=lambda: defaultdict(list))
    patterns: list[tuple[re.Pattern[str], object, float]] = field(default_factory=list)
    _haystack: Haystack = field(default_factory=Haystack)
    _lengths: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # by first character or word

    def add(self, cue: str, key: object, weight: float) -> None:
        """One cue, literal or pattern, in whichever language it is written."""
        folded = fold(str(cue))
        if _PATTERN.search(folded) and not _is_plain(folded):
            first = folded.lstrip("(?:")[:1]  # "(?:sting|itch)" must not be found inside "posting"
            latin = first.isascii() and first.isalpha()
            pattern = re.compile(rf"\b(?:{folded})" if latin else folded)
            self.patterns.append((pattern, key, weight))
            self._haystack.add(pattern)
        elif count_han(folded) or folded.isdigit():
            self.chinese[folded].append((key, weight))
            self._lengths[folded[0]].add(len(folded))
        else:
            self.english[folded].append((key, weight))
            self._lengths[folded.split(" ")[0]].add(folded.count(" ") + 1)

    def find(self, text: Prepared) -> list[Found]:
        """Every cue in the text; of two overlapping cues with one key only the longer."""
        found = [*self._chinese_cues(text), *self._english_cues(text), *self._matches(text)]
        return _carried_on(list(_longest(found)))

    def _chinese_cues(self, text: Prepared) -> Iterator[Found]:
        folded, lengths, known = text.folded, self._lengths, self.chinese
        for start in [at for at, letter in enumerate(folded) if letter in lengths]:
            for length in lengths[folded[start]]:
                end = start + length
                words = folded[start:end]
                if words in known and not _inside_a_number(folded, start, end):
                    negated = is_negated(text, start)
                    for key, weight in known[words]:
                        yield Found(key, weight, start, end, words, negated)

    def _english_cues(self, text: Prepared) -> Iterator[Found]:
        lengths = self._lengths
        for at, first, start in [
            (at, first, start) for at, (first, start, _) in enumerate(text.words) if first in lengths
        ]:
            for length in lengths[first]:
                run = text.words[at : at + length]
                words = " ".join([word for word, _, _ in run])
                if len(run) == length and words in self.english:
                    negated = is_negated(text, start)
                    for key, weight in self.english[words]:
                        yield Found(key, weight, start, run[-1][2], words, negated)

    def _matches(self, text: Prepared) -> Iterator[Found]:
        for position in self._haystack.worth_trying(text.folded):
            pattern, key, weight = self.patterns[position]
            for match in pattern.finditer(text.folded):
                if match[0].strip():
                    negated = is_negated(text, match.start())
                    yield Found(key, weight, match.start(), match.end(), match[0].strip(), negated)


def _inside_a_number(folded: str, start: int, end: int) -> bool:
    """12315 is an authority's hotline; 0212315778 is somebody's phone number."""
    if not folded[start].isdigit():
        return False
    return folded[start - 1 : start].isdigit() or folded[end : end + 1].isdigit()


def _carried_on(found: list[Found]) -> list[Found]:
    """A negation reaches on over cues that touch each other: 不会去法院起诉 negates both."""
    reach = -1
    said: list[Found] = []
    for cue in sorted(found, key=lambda one: (one.start, one.end)):
        negated = cue.negated or cue.start <= reach
        reach = cue.end if negated else reach
        said.append(cue._replace(negated=True) if negated else cue)
    return said


def is_negated(text: Prepared, start: int) -> bool:
    """Whether a negation stands within the window before this place, in the same clause."""
    return _is_negated_zh(text.folded, start) or _is_negated_en(text, start)


def _is_negated_zh(folded: str, start: int) -> bool:
    before = folded[max(0, start - CHINESE_WINDOW - 3) : start]
    if _NEGATION_ZH.search(before) is None:
        return False
    clause = _CLAUSE_END_ZH.split(before)[-1]
    said = _NOT_A_NEGATION_ZH.sub(lambda match: "　" * len(match[0]), clause)
    return _NEGATION_ZH.search(said[-CHINESE_WINDOW:]) is not None


def _is_negated_en(text: Prepared, start: int) -> bool:
    if not text.words or text.words[0][2] > start:
        return False
    reached = bisect_right(text.words, start, key=itemgetter(2))
    before = [(word, end) for word, _, end in text.words[max(0, reached - ENGLISH_WINDOW) : reached]]
    for position, (word, end) in enumerate(before):
        if word in _NEGATIONS_EN:
            follower = before[position + 1][0] if position + 1 < len(before) else ""
            between = text.folded[end:start]
            if follower not in _AFTER_NEGATION_EN and not _NEGATES_LATER_EN.search(between):
                return True
    return False


def _is_plain(folded: str) -> bool:
    return re.fullmatch(r"[\w '&.-]+", folded) is not None and "\\" not in folded and not folded.endswith(".")


def _longest(found: Iterable[Found]) -> Iterator[Found]:
    taken: dict[object, list[tuple[int, int]]] = defaultdict(list)
    for one in sorted(found, key=lambda cue: (cue.start - cue.end, -cue.weight, cue.start)):
        if not any(one.start < end and start < one.end for start, end in taken[one.key]):
            taken[one.key].append((one.start, one.end))
            yield one
