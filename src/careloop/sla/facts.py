"""What is known about a conversation, in the words that targets and scores are written in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from careloop.conversations.models import Conversation

Facts = dict[str, frozenset[str]]

LEAST_CONFIDENCE = 0.7
"""A crisis signal below this does not stop the desk; it still shows in the triage panel."""


class Labelled(Protocol):
    """A prediction, or anything shaped like one: one head, one label."""

    @property
    def head(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def confidence(self) -> float: ...


def facts_of(conversation: Conversation, predictions: Iterable[Labelled]) -> Facts:
    """Everything a condition may ask for: the findings of triage and what the rows themselves say."""
    found: dict[str, set[str]] = defaultdict(set)
    for prediction in predictions:
        if prediction.label and (prediction.head != "crisis" or prediction.confidence >= LEAST_CONFIDENCE):
            found[prediction.head].add(prediction.label)
    facts = {head: frozenset(labels) for head, labels in found.items()}
    return facts | {
        "channel": frozenset({conversation.channel}),
        "channel_kind": frozenset({conversation.channel_kind}),
        "kind": frozenset({conversation.kind}),
        "language": frozenset({conversation.language}),
        "value_tier": frozenset({conversation.customer.value_tier}),
    }


def as_json(facts: Facts) -> dict[str, list[str]]:
    """The facts as a clock keeps them."""
    return {fact: sorted(values) for fact, values in sorted(facts.items())}


def from_json(kept: dict[str, list[str]]) -> Facts:
    return {fact: frozenset(values) for fact, values in kept.items()}
