"""What an understanding of a message looks like: one result a head, each with its confidence and its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

NATURE, SEVERITY, SOURCE, PHASE = "nature", "severity", "source", "phase"
HANDLING_CLASS, EMOTION, LANGUAGE, INTENT = "handling_class", "emotion", "language", "intent"
CRISIS, COURTESY, CHURN = "crisis", "courtesy", "churn"
SENTIMENT, QUESTION_TYPE, SPAM = "sentiment", "question_type", "spam"

NONE: Final = "none"  # the label of a crisis head without a signal

LABELS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    NATURE: (
        "quality", "service", "price", "logistics", "order", "refund", "account", "network",
        "product_question", "praise", "other",
    ),
    SEVERITY: ("minor", "moderate", "severe"),
    INTENT: (
        "complaint", "refund_request", "return_exchange", "cancel", "order_status", "order_change", "how_to",
        "price", "comparison", "safety", "efficacy", "praise", "thanks", "information",
    ),
    PHASE: ("pre_sales", "in_sales", "after_sales", "value_added"),
    HANDLING_CLASS: ("A", "B", "C", "D"),
    EMOTION: ("neutral", "happy", "anxious", "disappointed", "distressed", "angry"),
    SOURCE: ("online", "email", "phone", "public", "referred", "partner"),
    LANGUAGE: ("zh", "en", "mixed", "other"),
    CRISIS: ("injury", "safety", "legal", "media", "regulator", "self_harm", "fraud"),
    COURTESY: ("yes", "no"),
    CHURN: ("yes", "no"),
    SENTIMENT: ("positive", "neutral", "negative"),
    QUESTION_TYPE: (
        "how_to", "usage", "price", "availability", "policy", "status", "comparison", "safety", "efficacy", "other",
        "none",
    ),
    SPAM: ("yes", "no"),
})  # fmt: skip

Heads = dict[str, "HeadResult"]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the text. Every part may be unknown; a classifier never requires one."""

    channel: str = ""  # direct, email, phone, public_comment, portal, api, chat, csv
    has_order: bool | None = None
    is_vip: bool = False
    earlier_messages: int = 0  # messages of this customer in this conversation before this one
    reopened: bool = False

    @property
    def facts(self) -> frozenset[str]:
        """The context as facts that rules may give weight to."""
        said = {f"channel={self.channel}"} if self.channel else set()
        if self.has_order is False:
            said.add("context=no_order")
        if self.has_order:
            said.add("context=has_order")
        if self.is_vip:
            said.add("context=vip")
        if self.reopened or self.earlier_messages >= 3:
            said.add("context=repeated")
        return frozenset(said)


@dataclass(frozen=True, slots=True)
class HeadResult:
    """One head's answer: the label, how sure (0 to 1), why, and every label with its probability, likeliest first.

    For the crisis head `labels` holds every signal found and `label` is the strongest, or "none". `doubted` is what
    the other of rules and model says where the two disagree.
    """

    label: str
    confidence: float
    reasons: tuple[str, ...] = ()
    ranked: tuple[tuple[str, float], ...] = ()
    source: str = "rules"
    version: str = ""
    labels: tuple[str, ...] | None = None
    why: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # reasons of each crisis signal
    doubted: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        said: dict[str, Any] = {"label": self.label, "confidence": round(self.confidence, 4)}
        if self.labels is not None:
            said["labels"] = list(self.labels)
        said["reasons"] = list(self.reasons)
        said["ranked"] = [{"label": label, "probability": round(p, 4)} for label, p in self.ranked]
        return said | {"source": self.source, "version": self.version}
