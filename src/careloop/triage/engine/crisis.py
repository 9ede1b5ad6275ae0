"""Signals that must not wait: injury, safety, legal, media, regulator, self-harm, fraud (domain.md §4.3, C1 to C7).

Several signals may hold at once. Recall comes first: a cue counts unless it is negated, a figure of speech, or part
of a question asked before anything happened. Every message is judged; there is no way to switch this off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from careloop.common.text import fold
from careloop.triage.engine.heads import CRISIS, LABELS, NONE, HeadResult
from careloop.triage.engine.lexicon import Found, Lexicon
from careloop.triage.engine.prepare import Prepared

RULES = Path(__file__).parent / "data" / "crisis.yaml"
SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True)
class CrisisRules:
    """The file `data/crisis.yaml`, compiled."""

    lexicon: Lexicon
    signal_from: float
    guarded: frozenset[str]
    elsewhere: dict[str, re.Pattern[str]]
    idioms: re.Pattern[str]
    idiom_weight: float
    before_zh: re.Pattern[str]
    after_zh: re.Pattern[str]
    before_en: re.Pattern[str]
    happened: re.Pattern[str]

    @classmethod
    def read(cls, path: Path = RULES) -> CrisisRules:
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        lexicon = Lexicon()
        for name, rules in raw["classes"].items():
            for language in ("zh", "en"):
                for weight, cues in rules[language].items():
                    for cue in cues:
                        lexicon.add(str(cue), name, float(weight))
        classes = raw["classes"].items()
        return cls(
            lexicon,
            float(raw["signal_from"]),
            frozenset(name for name, rules in classes if rules.get("guarded")),
            {name: _any_of(rules["not"]) for name, rules in classes if "not" in rules},
            _any_of([*raw["idioms"]["zh"], *raw["idioms"]["en"]]),
            float(raw["idioms"]["weight"]),
            re.compile(raw["unreal"]["zh_before"]),
            re.compile(raw["unreal"]["zh_after"]),
            re.compile(raw["unreal"]["en_before"]),
            _any_of([*raw["happened"]["zh"], *raw["happened"]["en"]]),
        )

    def judge(self, text: Prepared) -> HeadResult:
        """The signals of a message, strongest first, each with the words that gave it away."""
        idioms = list(self.idioms.finditer(text.folded))
        bare = _without(text, idioms)
        weights: dict[str, list[Found]] = {name: [] for name in LABELS[CRISIS]}
        for cue in self.lexicon.find(bare):
            if self._counts(cue, bare):
                weights[str(cue.key)].append(cue)
        likelihood = {name: _any(cue.weight for cue in cues) for name, cues in weights.items()}
        if len(idioms) > 1:
            spoken = (self.idiom_weight for _ in idioms[1:])
            likelihood["self_harm"] = _any([likelihood["self_harm"], *spoken])
        return self._result(likelihood, weights)

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

    def _result(self, likelihood: dict[str, float], cues: dict[str, list[Found]]) -> HeadResult:
        ranked = sorted(likelihood.items(), key=lambda pair: -pair[1])
        labels = tuple(name for name, p in ranked if p >= self.signal_from)
        why = {name: _words(cues[name]) for name in labels}
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


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{fold_pattern(pattern)})" for pattern in patterns))


def fold_pattern(pattern: str) -> str:
    """A pattern folded like the text it is matched with; escapes such as \\b and \\S keep their meaning."""
    return re.sub(r"\\.|[^\\]", lambda match: match[0] if match[0][0] == "\\" else fold(match[0]), pattern)


def _without(text: Prepared, matches: Sequence[re.Match[str]]) -> Prepared:
    if not matches:
        return text
    letters = list(text.folded)
    for match in matches:
        letters[match.start() : match.end()] = "\u3000" * (match.end() - match.start())
    hidden = [(match.start(), match.end()) for match in matches]
    kept = tuple(word for word in text.words if not any(start < word[2] and word[1] < end for start, end in hidden))
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
