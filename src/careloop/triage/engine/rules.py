"""The classifier that needs no training: weighted cues kept as data, in Chinese and English.

Heads are judged in one order, because later ones build on earlier ones: language, crisis, courtesy, nature, intent,
emotion, churn, severity, phase, handling class, source. A label's score is the sum of the weights that spoke for
it; probabilities are a softmax over the scores of a head. Heads that our own sentences teach (`meaning`) are a mean
of both; where a mere courtesy is said, the rules decide alone.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from careloop.common.text import detect_language
from careloop.triage.engine.courtesy import judge_courtesy
from careloop.triage.engine.crisis import RULES as CRISIS_RULES
from careloop.triage.engine.crisis import crisis_rules
from careloop.triage.engine.heads import (
    COURTESY,
    CRISIS,
    LABELS,
    LANGUAGE,
    SEVERITY,
    Context,
    HeadResult,
    Heads,
)
from careloop.triage.engine.lexicon import Found, Lexicon
from careloop.triage.engine.meaning import MODEL, Reading, meaning_model
from careloop.triage.engine.prepare import Prepared, prepare
from careloop.triage.engine.scoring import CRISIS_MODEL, SEVERITY_MODEL, crisis_model, graded

RULES = Path(__file__).parent / "data" / "heads.yaml"
SHARPNESS = 0.7
SHOWN_REASONS = 4
REPEATED_CUE = 0.4  # a second cue of the same weight says less than the first
LEARNED_SHARE = 0.75  # of a probability that rules and the learned twin both give


@dataclass(frozen=True, slots=True)
class HeadRules:
    """One head of `data/heads.yaml`."""

    head: str
    prior: dict[str, float]
    given: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class RuleClassifier:
    """Predicts every head from rules alone. Never raises, whatever the text."""

    lexicon: Lexicon
    heads: tuple[HeadRules, ...]
    version: str

    @classmethod
    def read(cls, path: Path = RULES) -> RuleClassifier:
        source = path.read_text(encoding="utf-8")
        lexicon = Lexicon()
        heads = []
        for raw in yaml.safe_load(source):
            _add_cues(lexicon, raw["head"], raw["cues"])
            heads.append(HeadRules(raw["head"], raw.get("prior", {}), raw.get("given", {})))
        digest = hashlib.sha256(
            (source + CRISIS_RULES.read_text(encoding="utf-8")).encode()
            + b"".join(model.read_bytes() for model in (MODEL, CRISIS_MODEL, SEVERITY_MODEL))
        ).hexdigest()
        return cls(lexicon, tuple(heads), f"rules-{digest[:8]}")

    def predict(self, text: str, context: Context | None = None) -> Heads:
        """Every head of one message."""
        prepared = prepare(text)
        results: Heads = {
            LANGUAGE: _language(prepared),
            CRISIS: crisis_rules().judge(prepared, crisis_model()),
            COURTESY: judge_courtesy(prepared),
        }
        cues = self._cues(prepared)
        facts = set((context or Context()).facts)
        facts |= {"feature=shouting"} if prepared.is_shouting else set()
        facts |= {f"crisis={label}" for label in results[CRISIS].labels or ()}
        facts.add(f"courtesy={results[COURTESY].label}")
        for rules in self.heads:
            result = _judge(rules, cues.get(rules.head, []), facts)
            if rules.head == SEVERITY and not results[CRISIS].labels:
                result = graded(result, prepared)
            results[rules.head] = result
            facts.add(f"{rules.head}={result.label}")
        _add_learned(results, prepared)
        return {head: _stamped(result, self.version) for head, result in results.items()}

    def _cues(self, text: Prepared) -> dict[str, list[Found]]:
        by_head: dict[str, list[Found]] = defaultdict(list)
        for cue in self.lexicon.find(text):
            if not cue.negated and isinstance(cue.key, tuple):
                by_head[cue.key[0]].append(cue)
        return by_head


@cache
def rule_classifier() -> RuleClassifier:
    """The packaged rules, read once."""
    return RuleClassifier.read()


def _add_cues(lexicon: Lexicon, head: str, cues: dict[str, Any]) -> None:
    for label, languages in cues.items():
        for weights in languages.values():
            for weight, words in weights.items():
                for cue in words:
                    lexicon.add(str(cue), (head, str(label)), float(weight))


def _judge(rules: HeadRules, cues: list[Found], facts: set[str]) -> HeadResult:
    labels = LABELS[rules.head]
    scores = {label: float(rules.prior.get(label, 0.0)) for label in labels}
    reasons: dict[str, list[tuple[float, str]]] = {label: [] for label in labels}
    for cue in sorted(cues, key=lambda one: -one.weight):
        label = cue.key[1]  # type: ignore[index]  # keys of this lexicon are (head, label)
        told = len(reasons[label])
        scores[label] += cue.weight * REPEATED_CUE ** min(told, 3)
        reasons[label].append((cue.weight, cue.words))
    for fact in facts & rules.given.keys():
        for label, weight in rules.given[fact].items():
            scores[label] += float(weight)
            reasons[label].append((float(weight), fact))
    return _answer(scores, reasons)


def _answer(scores: dict[str, float], reasons: dict[str, list[tuple[float, str]]]) -> HeadResult:
    highest = max(scores.values())
    raised = {label: math.exp(SHARPNESS * (score - highest)) for label, score in scores.items()}
    total = sum(raised.values())
    ranked = sorted(((label, value / total) for label, value in raised.items()), key=lambda pair: -pair[1])
    label, confidence = ranked[0]
    strongest = sorted(reasons[label], key=lambda pair: -pair[0])
    shown = tuple(dict.fromkeys(words for _, words in strongest))[:SHOWN_REASONS]
    return HeadResult(label, confidence, shown, tuple(ranked))


def _add_learned(results: Heads, text: Prepared) -> None:
    """Average what the learned twin says into the heads it knows; last, so that severity does not rest on it."""
    if results[COURTESY].label == "yes":
        return
    reading = meaning_model().read(text)
    if reading is None:
        return
    for head in reading.chances:
        results[head] = _averaged(results[head], reading, head, text)


def _averaged(by_rules: HeadResult, reading: Reading, head: str, text: Prepared) -> HeadResult:
    learned, ruled = reading.chances[head], dict(by_rules.ranked)
    mean = {label: LEARNED_SHARE * learned[label] + (1 - LEARNED_SHARE) * ruled[label] for label in learned}
    ranked = tuple(sorted(mean.items(), key=lambda pair: -pair[1]))
    label, confidence = ranked[0]
    cues = by_rules.reasons if by_rules.label == label else ()
    words = reading.reasons(head, label, text, SHOWN_REASONS) if len(cues) < SHOWN_REASONS else ()
    fresh = [word for word in words if not any(word in cue or cue in word for cue in cues)]
    return HeadResult(label, confidence, (*cues, *fresh)[:SHOWN_REASONS], ranked)


def _language(text: Prepared) -> HeadResult:
    found = detect_language(text.plain)
    share = f"{found.chinese_share:.0%} Chinese"
    return HeadResult(found.language, found.confidence, (share,), ((found.language, found.confidence),))


def _stamped(result: HeadResult, version: str) -> HeadResult:
    return HeadResult(
        result.label,
        result.confidence,
        result.reasons,
        result.ranked,
        "rules",
        version,
        result.labels,
        result.why,
    )
