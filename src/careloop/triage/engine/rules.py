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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

from careloop.common.text import detect_language
from careloop.triage.engine.concepts import CONCEPTS
from careloop.triage.engine.courtesy import judge_courtesy
from careloop.triage.engine.crisis import RULES as CRISIS_RULES
from careloop.triage.engine.crisis import crisis_rules
from careloop.triage.engine.heads import (
    COURTESY,
    CRISIS,
    LABELS,
    LANGUAGE,
    SEVERITY,
    SPAM,
    Context,
    HeadResult,
    Heads,
)
from careloop.triage.engine.learned import MODEL, Reading, learned_model, reasons_of
from careloop.triage.engine.lexicon import Found, Lexicon
from careloop.triage.engine.prepare import Prepared, prepare
from careloop.triage.engine.reading import read_rules
from careloop.triage.engine.tokens import Tokens

RULES = Path(__file__).parent / "data" / "heads.yaml"
SHARPNESS = 0.7
SHOWN_REASONS = 4
REPEATED_CUE = 0.4  # a second cue of the same weight says less than the first
TEXTS_AT_ONCE = 256  # more would save nothing and hold more memory
LEARNED_SHARE = 0.75  # of a probability that rules and the learned twin both give
GRADED_SHARE = 0.5  # the same of severity


@dataclass(frozen=True, slots=True)
class HeadRules:
    """One head of `data/heads.yaml`."""

    head: str
    start: dict[str, float]  # the score of each label before anything speaks for it
    given: dict[str, dict[str, float]]
    quiet: Judged  # the answer when nothing does

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> HeadRules:
        prior = raw.get("prior", {})
        start = {label: float(prior.get(label, 0.0)) for label in LABELS[raw["head"]]}
        given = raw.get("given", {}).items()
        weights = {fact: {label: float(weight) for label, weight in own.items()} for fact, own in given}
        return cls(raw["head"], start, weights, _softened(start, []))


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
        for raw in read_rules(source):
            _add_cues(lexicon, raw["head"], raw["cues"])
            heads.append(HeadRules.of(raw))
        digest = hashlib.sha256(
            (source + CRISIS_RULES.read_text(encoding="utf-8")).encode() + MODEL.read_bytes() + CONCEPTS.read_bytes()
        ).hexdigest()
        return cls(lexicon, tuple(heads), f"rules-{digest[:8]}")

    def predict(self, text: str, context: Context | None = None) -> Heads:
        """Every head of one message."""
        return self.predict_many([text], [context])[0]

    def predict_many(self, texts: Sequence[str], contexts: Sequence[Context | None] | None = None) -> list[Heads]:
        """Every head of each message, exactly as one at a time; the learned tables read hundreds at once."""
        known = contexts or [None] * len(texts)
        answers: list[Heads] = []
        for begin in range(0, len(texts), TEXTS_AT_ONCE):
            chosen = slice(begin, begin + TEXTS_AT_ONCE)
            answers += self._judge_together([prepare(text) for text in texts[chosen]], known[chosen])
        return answers

    def _judge_together(self, texts: list[Prepared], contexts: Sequence[Context | None]) -> list[Heads]:
        model = learned_model()
        readings = model.read_many([Tokens.of(text) for text in texts])
        crises = crisis_rules().judge(texts, readings, model)
        courtesies = [judge_courtesy(text) for text in texts]
        severities = [None if crisis.labels else reading for crisis, reading in zip(crises, readings, strict=True)]
        meanings = [
            None if courtesy.label == "yes" else reading for courtesy, reading in zip(courtesies, readings, strict=True)
        ]
        judged: list[dict[str, Judged]] = []
        for at, text in enumerate(texts):
            facts = set((contexts[at] or Context()).facts)
            facts |= {"feature=shouting"} if text.is_shouting else set()
            facts |= {f"crisis={label}" for label in crises[at].labels or ()}
            facts.add(f"courtesy={courtesies[at].label}")
            judged.append(self._judge_one(text, facts, severities[at]))
        _add_learned(judged, [SEVERITY, SPAM], severities)  # never where somebody may be in danger
        _add_learned(judged, [head for head in model.heads if head not in (CRISIS, SEVERITY, SPAM)], meanings)
        return [
            {
                LANGUAGE: _language(text, self.version),
                CRISIS: replace(crisis, version=self.version),
                COURTESY: replace(courtesy, version=self.version),
                **{head: one.answer(self.version) for head, one in own.items()},
            }
            for text, crisis, courtesy, own in zip(texts, crises, courtesies, judged, strict=True)
        ]

    def _judge_one(self, text: Prepared, facts: set[str], severity: Reading | None) -> dict[str, Judged]:
        """The heads in their order, each a fact for the next; severity says the mean of rules and table."""
        cues = self._cues(text)
        judged: dict[str, Judged] = {}
        for rules in self.heads:
            one = _judge(rules, cues.get(rules.head, []), facts)
            label = one.label
            if rules.head == SEVERITY and severity is not None:
                mean = graded(one.chances, severity.chances[SEVERITY])
                label = max(mean, key=mean.__getitem__)
            judged[rules.head] = one
            facts.add(f"{rules.head}={label}")
        return judged

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


@dataclass(slots=True)
class Judged:
    """One head before it is shown: the probability of each label, the likeliest one, and what spoke for it."""

    chances: dict[str, float]
    label: str
    reasons: tuple[str, ...]
    doubted: str = ""  # what the rules said where the table says something else

    def answer(self, version: str) -> HeadResult:
        ranked = tuple(sorted(self.chances.items(), key=itemgetter(1), reverse=True))
        return HeadResult(
            self.label, self.chances[self.label], self.reasons, ranked, "rules", version, doubted=self.doubted
        )


def _judge(rules: HeadRules, cues: list[Found], facts: set[str]) -> Judged:
    scores = dict(rules.start)
    spoken: list[tuple[str, float, str]] = []
    told: dict[str, int] = {}
    for cue in sorted(cues, key=attrgetter("weight"), reverse=True):
        label = cue.key[1]  # type: ignore[index]  # keys of this lexicon are (head, label)
        earlier = told.get(label, 0)
        told[label] = earlier + 1
        scores[label] += cue.weight * REPEATED_CUE ** min(earlier, 3)
        spoken.append((label, cue.weight, cue.words))
    for fact, weights in rules.given.items():
        if fact in facts:
            for label, weight in weights.items():
                scores[label] += weight
                spoken.append((label, weight, fact))
    return _softened(scores, spoken) if spoken else Judged(rules.quiet.chances, rules.quiet.label, ())


def _softened(scores: dict[str, float], spoken: list[tuple[str, float, str]]) -> Judged:
    best = max(scores, key=scores.__getitem__)
    highest = scores[best]
    raised = {label: math.exp(SHARPNESS * (score - highest)) for label, score in scores.items()}
    total = sum(raised.values())
    strongest = sorted((one for one in spoken if one[0] == best), key=itemgetter(1), reverse=True)
    shown = tuple(dict.fromkeys([words for _, _, words in strongest]))[:SHOWN_REASONS]
    return Judged({label: value / total for label, value in raised.items()}, best, shown)


def graded(ruled: Mapping[str, float], learned: Mapping[str, float]) -> dict[str, float]:
    """The severity of a message without signs of a crisis: the mean of what rules and table say."""
    return {level: GRADED_SHARE * chance + (1 - GRADED_SHARE) * ruled[level] for level, chance in learned.items()}


def _add_learned(judged: list[dict[str, Judged]], heads: list[str], readings: list[Reading | None]) -> None:
    """Average what a table says into the heads it knows, with the words that spoke for the likeliest label.

    The meaning comes after all heads were judged, so that severity does not rest on it.
    """
    told = [(own, reading) for own, reading in zip(judged, readings, strict=True) if reading is not None]
    if not told:
        return
    before = [[own[head].label for head in heads] for own, _ in told]
    for own, reading in told:
        for head in heads:
            _average(own[head], reading.chances[head], head)
    reasons = reasons_of(
        [reading for _, reading in told], [[(head, own[head].label) for head in heads] for own, _ in told]
    )
    for (own, _), earlier, found in zip(told, before, reasons, strict=True):
        for head, label, words in zip(heads, earlier, found, strict=True):
            one = own[head]
            cues = one.reasons if one.label == label else ()
            fresh = [word for word in words[:SHOWN_REASONS] if not any(word in cue or cue in word for cue in cues)]
            one.reasons = (*cues, *fresh)[:SHOWN_REASONS]


def _average(one: Judged, learned: Mapping[str, float], head: str) -> None:
    if head == SEVERITY:
        one.chances = graded(one.chances, learned)
    else:
        ruled = one.chances
        one.chances = {label: LEARNED_SHARE * p + (1 - LEARNED_SHARE) * ruled[label] for label, p in learned.items()}
    before, one.label = one.label, max(one.chances, key=one.chances.__getitem__)
    if one.label != before and one.reasons:
        one.doubted = before


def _language(text: Prepared, version: str) -> HeadResult:
    found = detect_language(text.plain)
    share = f"{found.chinese_share:.0%} Chinese"
    return HeadResult(
        found.language, found.confidence, (share,), ((found.language, found.confidence),), "rules", version
    )
