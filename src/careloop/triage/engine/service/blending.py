"""The rules and a language model as one answer.

A service shares the probability of a head with what answered before, half and half: it knows the world, the others know
the house. It may add a signal of a crisis and never take one away; it may call a matter graver and never milder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from careloop.triage.engine.classifier import Classifier
from careloop.triage.engine.heads import CRISIS, HANDLING_CLASS, LABELS, SEVERITY, Context, HeadResult, Heads
from careloop.triage.engine.rules import rule_classifier
from careloop.triage.engine.service.asking import Service
from careloop.triage.engine.service.errors import NoAnswer
from careloop.triage.engine.service.protocol import Opinion, Opinions

SHARE = 0.5
ONLY_GRAVER = frozenset({SEVERITY, HANDLING_CLASS})
ASKED = tuple(head for head in LABELS if head not in ("language", "source", "courtesy", "spam"))
SAID_BY = "service"


def advised(heads: Heads, opinions: Opinions, version: str) -> Heads:
    """The heads with what the service says of some of them; the others as they were."""
    told = {
        head: _signals(heads[head], opinion, version)
        if head == CRISIS
        else _shared(head, heads[head], opinion, version)
        for head, opinion in opinions.items()
        if head in heads
    }
    return {**heads, **told}


@dataclass(frozen=True, slots=True)
class AdvisedClassifier:
    """Whatever answers already, and a service beside it. A service that gives no answer changes nothing."""

    service: Service
    inner: Classifier
    asked: tuple[str, ...] = ASKED

    def predict(self, text: str, context: Context | None = None) -> Heads:
        """Every head of one message."""
        heads = self.inner.predict(text, context)
        try:
            return advised(heads, self.service.ask(text, self.asked), self.service.version)
        except NoAnswer:
            return heads

    def predict_many(self, texts: Sequence[str], contexts: Sequence[Context | None] | None = None) -> list[Heads]:
        """Every head of each message, one request each."""
        return [
            self.predict(text, context) for text, context in zip(texts, contexts or [None] * len(texts), strict=True)
        ]


def advised_classifier(service: Service) -> AdvisedClassifier:
    """The packaged rules, advised by a service."""
    return AdvisedClassifier(service, rule_classifier())


def _shared(head: str, before: HeadResult, opinion: Opinion, version: str) -> HeadResult:
    label = opinion.labels[0]
    order = LABELS[head]
    if head in ONLY_GRAVER and before.label in order and order.index(label) < order.index(before.label):
        return before
    chances = dict(before.ranked) or {before.label: before.confidence}
    rest = (1 - opinion.confidence) / max(len(order) - 1, 1)
    blended = {
        one: (1 - SHARE) * chances.get(one, 0.0) + SHARE * (opinion.confidence if one == label else rest)
        for one in dict.fromkeys((*order, *chances))
    }
    ranked = tuple(sorted(blended.items(), key=lambda pair: -pair[1]))
    best, confidence = ranked[0]
    why = (f"{SAID_BY}={opinion.reason or label}",) if best == label else ()
    kept = before.reasons if best == before.label else ()
    return replace(
        before, label=best, confidence=confidence, reasons=(*why, *kept)[:5], ranked=ranked, source="service",
        version=version,
    )  # fmt: skip


def _signals(before: HeadResult, opinion: Opinion, version: str) -> HeadResult:
    new = [label for label in opinion.labels if label not in (before.labels or ())]
    if not new:
        return before
    chances = {**dict(before.ranked), **dict.fromkeys(new, opinion.confidence)}
    labels = sorted({*(before.labels or ()), *new}, key=lambda label: -chances.get(label, 0.0))
    why = {**before.why, **dict.fromkeys(new, (f"{SAID_BY}={opinion.reason or new[0]}",))}
    return replace(
        before, label=labels[0], confidence=chances[labels[0]], labels=tuple(labels), why=why,
        reasons=tuple(dict.fromkeys(reason for label in labels for reason in why.get(label, ())))[:5],
        ranked=tuple(sorted(chances.items(), key=lambda pair: -pair[1])),
        source="service", version=version,
    )  # fmt: skip
