"""Which language a customer writes in: zh, en, both at once, or something else.

A count, not a model: Chinese ideographs weigh 1/1.7 word (the mean length of a Chinese word), Latin words weigh
one. Product names and codes ("iPhone 15", "APP") are common inside Chinese sentences, so a Chinese sentence stays
Chinese with up to three words in ten in Latin letters.
"""

import re
from dataclasses import dataclass
from typing import Literal

from careloop.common.text.cjk import count_han

Language = Literal["zh", "en", "mixed", "other"]

HAN_PER_WORD = 1.7
CHINESE_FROM = 0.7
ENGLISH_UP_TO = 0.15
REPLY_IN_CHINESE_FROM = 0.2

_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['\u2019][A-Za-z]+)?")
_OTHER_SCRIPT = re.compile(
    "[\u0370-\u052f\u0530-\u06ff\u0900-\u0dff\u0e00-\u0eff\u1100-\u11ff\u3041-\u30ff\uac00-\ud7af]"
)
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+\.\S+")
_ACCENTED = re.compile("[\u00c0-\u024f]")
_ENGLISH_FUNCTION_WORDS = (
    "a about all an and any are as at be been but by can do does for from had has have how i if in is it its me my"
    " no not of on or our please so thank thanks that the their there they this to up was we were what when where"
    " which who why will with would you your still hi hello ok okay am cant dont im ive did got get help"
)
_COMMON_ENGLISH = frozenset(_ENGLISH_FUNCTION_WORDS.split())


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """The language, how sure (0 to 1), and the shares of the words that are Chinese and English function words."""

    language: Language
    confidence: float
    chinese_share: float
    english_share: float


def detect_language(text: str) -> DetectedLanguage:
    """Language of a text of any length; a text without letters is `other` with confidence 0."""
    sample = _ADDRESS.sub(" ", text[:20_000])
    latin = [word.lower() for word in _LATIN_WORD.findall(sample) if len(word) > 1 or word in "aAI"]
    chinese = count_han(sample) / HAN_PER_WORD
    others = len(_OTHER_SCRIPT.findall(sample)) / 3
    total = chinese + len(latin)
    if others > total or total == 0:
        return DetectedLanguage("other", 0.9 if others else 0.0, 0.0, 0.0)
    share = chinese / total
    english = sum(word in _COMMON_ENGLISH for word in latin) / total
    return DetectedLanguage(*_judge(share, latin), share, english)


def reply_language(text: str, *, otherwise: Literal["zh", "en"] = "en") -> Literal["zh", "en"]:
    """The language to answer in; `otherwise` when there is nothing to read.

    Chinese as soon as two words in ten are, unless English function words outnumber them ("Thank you 小林").
    """
    found = detect_language(text)
    if found.language == "other" and found.confidence == 0:
        return otherwise
    chinese = found.chinese_share >= max(REPLY_IN_CHINESE_FROM, found.english_share)
    return "zh" if chinese else "en"


def _judge(share: float, latin: list[str]) -> tuple[Language, float]:
    if share >= CHINESE_FROM:
        return "zh", round(0.5 + share / 2, 3)
    if share > ENGLISH_UP_TO:
        return "mixed", round(1 - abs(share - 0.45), 3)
    if _is_foreign(latin):
        return "other", 0.6
    return "en", round(1 - share / 2 - (0.3 if len(latin) < 3 else 0), 3)


def _is_foreign(latin: list[str]) -> bool:
    """Latin letters, accents, and hardly an English function word: French, German, Vietnamese and the like."""
    common = sum(word in _COMMON_ENGLISH for word in latin)
    accented = sum(_ACCENTED.search(word) is not None for word in latin)
    return len(latin) >= 4 and accented > 0 and common / len(latin) < 0.15
