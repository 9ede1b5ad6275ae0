"""What is done with an accepted message, in this order. One short function a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from careloop.conversations.models import Kind, Message
from careloop.conversations.services.describing import note_courtesy, set_kind
from careloop.conversations.services.resolution import reopen
from careloop.routing.models import QueueEntry
from careloop.routing.services.prioritising import prioritise
from careloop.routing.services.routing import route
from careloop.sla.models import Clock
from careloop.sla.services.by_law import start_by_law
from careloop.sla.services.starting import start_clocks
from careloop.triage.engine.heads import Heads
from careloop.triage.models import Prediction
from careloop.triage.services.classifying import keep_predictions, predict

UNSURE = 0.5
UNHAPPY = frozenset({"angry", "disappointed", "distressed"})
WENT_WRONG = frozenset({"quality", "service", "logistics", "refund", "account", "network"})


@dataclass
class Understanding:
    """The message on its way, and what the steps so far found out."""

    message: Message
    heads: Heads | None = None
    predictions: list[Prediction] = field(default_factory=list)
    clocks: list[Clock] | None = None
    entry: QueueEntry | None = None
    was_reopened: bool = False

    def label(self, head: str, *, at_least: float = UNSURE) -> str:
        """What the head says, if it is sure enough."""
        sure = [each.label for each in self.predictions if each.head == head and each.confidence >= at_least]
        return sure[-1] if sure else ""

    @property
    def is_complaint(self) -> bool:
        """A complaint by intent or class, or somebody unhappy about something that went wrong.

        Mistaking an inquiry for a complaint costs a click; mistaking a complaint costs the customer (mission 131).
        """
        if self.label("handling_class") == "D" or self.label("intent", at_least=0) == "complaint":
            return True
        is_unhappy = self.label("emotion", at_least=0) in UNHAPPY
        return is_unhappy and self.label("nature", at_least=0) in WENT_WRONG

    @property
    def is_courtesy(self) -> bool:
        return self.label("courtesy") == "yes"


def read_words(message: Message) -> Heads:
    """What the classifier makes of the words; nothing is written, so it happens outside the transaction."""
    return predict(message)


def keep_reading(understanding: Understanding) -> None:
    """Nature, severity, phase, class, emotion, crisis …: predictions with reasons."""
    if understanding.heads is not None:
        understanding.predictions = keep_predictions(understanding.message, understanding.heads)


def describe(understanding: Understanding) -> None:
    """A complaint is called one; it is never talked down again by a later message (mission 149)."""
    conversation = understanding.message.conversation
    if understanding.is_complaint and conversation.kind == Kind.INQUIRY:
        set_kind(conversation, Kind.COMPLAINT)
    elif conversation.kind == Kind.INQUIRY and understanding.label("nature") == "praise":
        set_kind(conversation, Kind.FEEDBACK)


def reopen_or_thank(understanding: Understanding) -> None:
    """A real message takes up resolved work again; a mere thank-you does not, and nobody waits for an answer to it."""
    conversation, at = understanding.message.conversation, understanding.message.created_at
    if understanding.is_courtesy:
        note_courtesy(conversation, at=at)
    elif conversation.is_resolved:
        reopen(conversation, by=None, reason="customer_wrote", at=at)
        understanding.was_reopened = True


def set_clocks(understanding: Understanding) -> None:
    """Every deadline that this message makes us owe: by our own table where somebody waits, and by law."""
    message, conversation = understanding.message, understanding.message.conversation
    if understanding.is_courtesy:
        return
    if conversation.waiting_since is not None:
        understanding.clocks = start_clocks(conversation, message, understanding.predictions)
    if message.is_from_customer:
        begun = start_by_law(conversation, understanding.predictions, received_at=message.created_at)
        if understanding.clocks is not None:
            understanding.clocks = [*understanding.clocks, *begun]


def score(understanding: Understanding) -> None:
    """Tier and score, with their parts."""
    understanding.entry = prioritise(
        understanding.message.conversation, understanding.predictions,
        clocks=understanding.clocks, is_reopened=understanding.was_reopened,
    )  # fmt: skip


def hand_out(understanding: Understanding) -> None:
    """To a person who can answer it, or to the queue with the reason."""
    conversation = understanding.message.conversation
    if understanding.entry is not None and not conversation.is_resolved and not understanding.is_courtesy:
        route(conversation, understanding.entry)


Step = Callable[[Understanding], None]

STEPS: tuple[tuple[str, Step], ...] = (
    ("classify", keep_reading),
    ("describe", describe),
    ("reopen", reopen_or_thank),
    ("clocks", set_clocks),
    ("prioritise", score),
    ("route", hand_out),
)

# Imported history: understood for the reports, set nothing in motion.
PAST_STEPS: tuple[tuple[str, Step], ...] = (("classify", keep_reading), ("describe", describe))
