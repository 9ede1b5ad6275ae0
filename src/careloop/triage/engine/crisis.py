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

from careloop.common.text import count_han, fold
from careloop.triage.engine.heads import CRISIS, LABELS, NONE, HeadResult
from careloop.triage.engine.lexicon import Found, Lexicon
from careloop.triage.engine.meaning import MeaningModel, reasons_of
from careloop.triage.engine.needles import Haystack
from careloop.triage.engine.prepare import Prepared
from careloop.triage.engine.reading import read_rules
from careloop.triage.engine.scoring import crisis_scores

RULES = Path(__file__).parent / "data" / "crisis.yaml"
SHOWN_REASONS = 3
SENTENCES_JUDGED = 60
STEEPNESS = 4.0  # how fast the model's probability leaves 0.5 as the score leaves the threshold
SHORTEST_SENTENCE = 4


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
    floors: Mapping[str, Mapping[str, float]]  # by language and signal: the model's score from which it is one

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

    def judge(self, texts: Sequence[Prepared], model: MeaningModel) -> list[HeadResult]:
        """The signals of each message, strongest first, each with the words that gave it away."""
        sifted = [self._sift(text) for text in texts]
        learned = _learned([bare for _, _, bare in sifted], model, self.floors)
        return [self._judged(*one, chances, model) for one, chances in zip(sifted, learned, strict=True)]

    def _judged(
        self, cues: list[Found], idioms: int, bare: str, learned: Mapping[str, float], model: MeaningModel
    ) -> HeadResult:
        weights: dict[str, list[Found]] = {name: [] for name in LABELS[CRISIS]}
        for cue in cues:
            weights[str(cue.key)].append(cue)
        likelihood = {name: _any(cue.weight for cue in found) for name, found in weights.items()}
        if idioms > 1:
            likelihood["self_harm"] = _any([likelihood["self_harm"], *[self.idiom_weight] * (idioms - 1)])
        for name, chance in learned.items():
            likelihood[name] = max(likelihood[name], chance)
        return self._result(likelihood, weights, model, bare)

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
        self, likelihood: dict[str, float], cues: dict[str, list[Found]], model: MeaningModel, bare: str
    ) -> HeadResult:
        ranked = sorted(likelihood.items(), key=lambda pair: -pair[1])
        labels = tuple(name for name, p in ranked if p >= self.signal_from)
        why = {name: _words(cues[name]) for name in labels}
        why |= _words_of_model(model, bare, [name for name in labels if not why[name]])
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


def _learned(
    bare: Sequence[str], model: MeaningModel, floors: Mapping[str, Mapping[str, float]]
) -> list[dict[str, float]]:
    """For each text and signal the highest probability over the sentences of the message."""
    sentences = [_sentences(text) for text in bare]
    scores = iter(crisis_scores([one for own in sentences for one in own], model))
    return [_highest(own, [next(scores) for _ in own], floors) for own in sentences]


def _highest(
    sentences: list[str], scores: list[list[float] | None], floors: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    above = dict.fromkeys(LABELS[CRISIS], -math.inf)
    for sentence, own in zip(sentences, scores, strict=True):
        if own is not None:
            needed = floors[language_of(sentence)]
            for name, score in zip(LABELS[CRISIS], own, strict=True):
                above[name] = max(above[name], score - needed[name])
    return {name: _chance(margin) for name, margin in above.items() if margin > -math.inf}


def _chance(margin: float) -> float:
    return 1 / (1 + math.exp(-STEEPNESS * margin))


def language_of(text: str) -> str:
    """Which of the two thresholds holds: Chinese as soon as there are a few Chinese characters."""
    return "zh" if count_han(text) >= 2 else "en"


def _sentences(bare: str) -> list[str]:
    """Whole sentences; short neighbours stay together, because the model learned from short messages."""
    told = _LONG_NUMBER.sub(" ", bare)
    pieces = [piece for piece in _SENTENCE_END.split(told) if len(piece.strip()) >= SHORTEST_SENTENCE]
    return pieces[:SENTENCES_JUDGED]


def _words_of_model(model: MeaningModel, bare: str, names: list[str]) -> dict[str, tuple[str, ...]]:
    reading = model.read(Prepared(bare, bare, ())) if names else None
    if reading is None:
        return {}
    words = reasons_of([reading], [[(CRISIS, name) for name in names]])[0]
    return {name: own[:SHOWN_REASONS] for name, own in zip(names, words, strict=True)}


_LONG_NUMBER = re.compile(r"\d{6,}")
_SENTENCE_END = re.compile(r"[。！？!?;；\n]+|\.(?=\s|$)")


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
