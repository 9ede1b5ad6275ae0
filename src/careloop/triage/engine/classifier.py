"""One interface for whatever understands messages: rules, trained models, or a blend of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from careloop.triage.engine.heads import CRISIS, LABELS, Context, HeadResult, Heads
from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.rules import rule_classifier

if TYPE_CHECKING:  # scipy takes longer to import than all rules to read
    from careloop.triage.engine.hybrid import AnyModel

MODEL_SHARE = 0.75  # of the blended probability, when the model learned the labels of this head
FEW_ROWS_SHARE = 0.5
FEW_ROWS = 200


class Classifier(Protocol):
    """Text and context in; for each head ranked labels with their probability and the reason out. Never raises."""

    def predict(self, text: str, context: Context | None = None) -> Heads: ...

    def predict_many(self, texts: Sequence[str], contexts: Sequence[Context | None] | None = None) -> list[Heads]:
        """What `predict` says of each, in less time; without contexts nothing is known beside the texts."""
        ...


@dataclass(frozen=True, slots=True)
class BlendedClassifier:
    """Rules for every head, and trained models where there are some.

    A model that learned (a part of) the known labels of its head is averaged with the rules; one that learned
    labels of its own (a company's taxonomy) answers alone. Crisis signals always come from the rules: a model may
    not silence them.
    """

    rules: Classifier
    models: Mapping[str, AnyModel]

    def predict(self, text: str, context: Context | None = None) -> Heads:
        """Every head of one message."""
        return self.predict_many([text], [context])[0]

    def predict_many(self, texts: Sequence[str], contexts: Sequence[Context | None] | None = None) -> list[Heads]:
        """Every head of each message."""
        answers = self.rules.predict_many(texts, contexts)
        told = [
            (results, own) for text, results in zip(texts, answers, strict=True) if (own := prepare(text).plain).strip()
        ]
        for head, model in self.models.items():
            if head != CRISIS:
                chances = model.probabilities([own for _, own in told]).tolist()
                for (results, own), learned in zip(told, chances, strict=True):
                    results[head] = _blend(results.get(head), model, own, head, learned)
        return answers


def classifier_from(models: Sequence[AnyModel]) -> Classifier:
    """The rules alone, or blended with these models (the last of one head counts)."""
    rules = rule_classifier()
    return BlendedClassifier(rules, {model.info.head: model for model in models}) if models else rules


def understand(text: str, context: Context | None = None) -> Heads:
    """Every head of one message, by the packaged rules."""
    return rule_classifier().predict(text, context)


def is_courtesy(text: str) -> bool:
    """Whether this is a mere thanks, which must not reopen what was resolved."""
    return understand(text)["courtesy"].label == "yes"


def _blend(by_rules: HeadResult | None, model: AnyModel, text: str, head: str, chances: list[float]) -> HeadResult:
    learned = dict(zip(model.labels, chances, strict=True))
    known = set(LABELS.get(head, ()))
    if by_rules is not None and set(model.labels) <= known:
        share = FEW_ROWS_SHARE if model.info.rows < FEW_ROWS else MODEL_SHARE
        ruled = dict(by_rules.ranked)
        learned = {
            label: share * learned.get(label, 0.0) + (1 - share) * ruled.get(label, 0.0) for label in {*learned, *ruled}
        }
    ranked = tuple(sorted(learned.items(), key=lambda pair: -pair[1]))
    label, confidence = ranked[0]
    words = tuple(model.reasons(text, label)) if label in model.labels else ()
    earlier = by_rules.reasons if by_rules is not None and by_rules.label == label else ()
    result = HeadResult(label, confidence, tuple(dict.fromkeys((*words, *earlier)))[:5], ranked)
    doubted = "" if by_rules is None or by_rules.label == label else by_rules.label
    return replace(result, source=model.source, version=model.info.version, doubted=doubted)
