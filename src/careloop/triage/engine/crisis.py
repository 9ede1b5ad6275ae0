"""Signals that must not wait: injury, safety, legal, media, regulator, self-harm, fraud (domain.md §4.3, C1 to C7).

Several signals may hold at once. Recall comes first: a cue counts unless it is negated, a figure of speech, or part
of a question asked before anything happened. What no cue names, a small model taught with our own sentences may
still recognise, sentence by sentence; cues that were rejected are hidden from it. Every message is judged; there is
no way to switch this off.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from careloop.common.text import fold
from careloop.triage.engine.heads import CRISIS, LABELS, NONE, HeadResult
from careloop.triage.engine.learned import LearnedModel, Reading, reasons_of
from careloop.triage.engine.lexicon import Found, Lexicon
from careloop.triage.engine.needles import Haystack
from careloop.triage.engine.prepare import Prepared
from careloop.triage.engine.reading import read_rules
from careloop.triage.engine.tokens import Tokens

Floors = Mapping[str, Mapping[str, Sequence[float]]]

RULES = Path(__file__).parent / "data" / "crisis.yaml"
SHOWN_REASONS = 3
RISK_OF_MANY = 0.25  # of the way between both floors: every further sentence is a further chance to be wrong
LOGIT_OF_STOPPING = math.log(0.7 / 0.3)  # at its second floor the model is sure enough to stop the desk


@dataclass(frozen=True, slots=True)
class CrisisRules:
    """The file `data/crisis.yaml`, compiled."""

    lexicon: Lexicon
    signal_from: float
    guarded: frozenset[str]
    elsewhere: dict[str, re.Pattern[str]]
    idioms: re.Pattern[str]
    idioms_within: Haystack  # of the same patterns, to see soon that a text holds none
    idiom_weight: float
    before_zh: re.Pattern[str]
    after_zh: re.Pattern[str]
    before_en: re.Pattern[str]
    happened: re.Pattern[str]
    floors: Floors  # by language and signal: the model's scores from which it is shown, and stops the desk

    @classmethod
    def read(cls, path: Path = RULES) -> CrisisRules:
        raw: dict[str, Any] = read_rules(path.read_text(encoding="utf-8"))
        lexicon = Lexicon()
        for name, rules in raw["classes"].items():
            for language in ("zh", "en"):
                for weight, cues in rules[language].items():
                    for cue in cues:
                        lexicon.add(str(cue), name, float(weight))
        classes = raw["classes"].items()
        idioms = [*raw["idioms"]["zh"], *raw["idioms"]["en"]]
        return cls(
            lexicon,
            float(raw["signal_from"]),
            frozenset(name for name, rules in classes if rules.get("guarded")),
            {name: _any_of(rules["not"]) for name, rules in classes if "not" in rules},
            _any_of(idioms),
            Haystack.of(re.compile(fold_pattern(one)) for one in idioms),
            float(raw["idioms"]["weight"]),
            re.compile(raw["unreal"]["zh_before"]),
            re.compile(raw["unreal"]["zh_after"]),
            re.compile(raw["unreal"]["en_before"]),
            _any_of([*raw["happened"]["zh"], *raw["happened"]["en"]]),
            raw["learned"],
        )

    def judge(
        self, texts: Sequence[Prepared], readings: Sequence[Reading | None], model: LearnedModel
    ) -> list[HeadResult]:
        """The signals of each message, strongest first, each with the words that gave it away.

        The readings are those of the whole texts; where something must not count, the model reads the rest anew.
        """
        sifted = [self._sift(text) for text in texts]
        read = list(readings)
        anew = [at for at, (text, (_, _, bare)) in enumerate(zip(texts, sifted, strict=True)) if bare != text.folded]
        fresh = model.read_many([Tokens.of(Prepared(sifted[at][2], sifted[at][2], ())) for at in anew])
        for at, reading in zip(anew, fresh, strict=True):
            read[at] = reading
        return [self._judged(cues, idioms, own) for (cues, idioms, _), own in zip(sifted, read, strict=True)]

    def _judged(self, cues: list[Found], idioms: int, reading: Reading | None) -> HeadResult:
        weights: dict[str, list[Found]] = {name: [] for name in LABELS[CRISIS]}
        for cue in cues:
            weights[str(cue.key)].append(cue)
        likelihood = {
            name: _any({cue.words: cue.weight for cue in found}.values())  # said twice is not said more
            for name, found in weights.items()
        }
        if idioms > 1:
            likelihood["self_harm"] = _any([likelihood["self_harm"], *[self.idiom_weight] * (idioms - 1)])
        if reading is not None:
            for name, chance in _learned(reading, self.floors).items():
                likelihood[name] = max(likelihood[name], chance)
        return self._result(likelihood, weights, reading)

    def without_rejected(self, text: Prepared) -> str:
        """The text as the model sees it: figures of speech and rejected cues blanked."""
        return self._sift(text)[2]

    def _sift(self, text: Prepared) -> tuple[list[Found], int, str]:
        """The cues that count, the number of figures of speech, and the text without what does not count."""
        idioms: list[tuple[int, int]] = []
        if self.idioms_within.worth_trying(text.folded):
            idioms = [match.span() for match in self.idioms.finditer(text.folded)]
        bare = _without(text, idioms)
        counted: list[Found] = []
        rejected: list[tuple[int, int]] = []
        for cue in self.lexicon.find(bare):
            if self._counts(cue, bare):
                counted.append(cue)
            else:
                rejected.append((cue.start, cue.end))
        return counted, len(idioms), _without(bare, rejected).folded

    def _counts(self, cue: Found, text: Prepared) -> bool:
        name = str(cue.key)
        if cue.negated or self._is_elsewhere(name, cue, text):
            return False
        return name not in self.guarded or not self._is_unreal(cue, text)

    def _is_elsewhere(self, name: str, cue: Found, text: Prepared) -> bool:
        """The cue is part of words that mean something else here ("regulator valve", 工商银行)."""
        if name not in self.elsewhere:
            return False
        return any(
            match.start() < cue.end and cue.start < match.end() for match in self.elsewhere[name].finditer(text.folded)
        )

    def _is_unreal(self, cue: Found, text: Prepared) -> bool:
        before, after = text.folded[max(0, cue.start - 24) : cue.start], text.folded[cue.end : cue.end + 8]
        asked = self.before_zh.search(before) or self.after_zh.search(after) or self.before_en.search(before)
        return asked is not None and self.happened.search(text.folded) is None

    def _result(
        self, likelihood: dict[str, float], cues: dict[str, list[Found]], reading: Reading | None
    ) -> HeadResult:
        ranked = sorted(likelihood.items(), key=lambda pair: -pair[1])
        labels = tuple(name for name, p in ranked if p >= self.signal_from)
        why = {name: _words(cues[name]) for name in labels}
        why |= _words_of_model(reading, [name for name in labels if not why[name]])
        highest = ranked[0][1]
        return HeadResult(
            label=labels[0] if labels else NONE,
            confidence=highest if labels else 1 - highest,
            reasons=tuple(words for name in labels for words in why[name])[: 2 * SHOWN_REASONS],
            ranked=tuple(ranked),
            labels=labels,
            why=why,
        )


@cache
def crisis_rules() -> CrisisRules:
    """The packaged rules, read once."""
    return CrisisRules.read()


def _learned(reading: Reading, floors: Floors) -> dict[str, float]:
    """For each signal the highest probability over the sentences: a half at its first floor, 0.7 at its second."""
    names = LABELS[CRISIS]
    highest = [-math.inf] * len(names)
    raised = RISK_OF_MANY * math.log(max(len(reading.signals), 1))
    for (_, is_chinese), scores in zip(reading.tokens.sentences, reading.signals, strict=True):
        own = floors["zh" if is_chinese else "en"]
        for at, (name, score) in enumerate(zip(names, scores, strict=True)):
            shown, stops = own[name]
            above = (score - shown) / (stops - shown) - raised
            highest[at] = max(highest[at], above)
    return {
        name: 1 / (1 + math.exp(-LOGIT_OF_STOPPING * min(max(above, -20.0), 20.0)))
        for name, above in zip(names, highest, strict=True)
    }


def _words_of_model(reading: Reading | None, names: list[str]) -> dict[str, tuple[str, ...]]:
    if reading is None or not names:
        return {}
    words = reasons_of([reading], [[(CRISIS, name) for name in names]])[0]
    return {name: own[:SHOWN_REASONS] for name, own in zip(names, words, strict=True)}


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{fold_pattern(pattern)})" for pattern in patterns))


def fold_pattern(pattern: str) -> str:
    """A pattern folded like the text it is matched with; escapes such as \\b and \\S keep their meaning."""
    return re.sub(r"\\.|[^\\]", lambda match: match[0] if match[0][0] == "\\" else fold(match[0]), pattern)


def _without(text: Prepared, spans: Sequence[tuple[int, int]]) -> Prepared:
    if not spans:
        return text
    letters = list(text.folded)
    for start, end in spans:
        letters[start:end] = "\u3000" * (end - start)
    kept = tuple(word for word in text.words if not any(start < word[2] and word[1] < end for start, end in spans))
    return replace(text, folded="".join(letters), words=kept)


def _any(chances: Any) -> float:
    """The chance that at least one of independent signs is real."""
    missed = 1.0
    for chance in chances:
        missed *= 1 - chance
    return 1 - missed


def _words(cues: list[Found]) -> tuple[str, ...]:
    strongest = sorted(cues, key=lambda cue: (-cue.weight, cue.start))
    return tuple(dict.fromkeys(cue.words for cue in strongest))[:SHOWN_REASONS]
