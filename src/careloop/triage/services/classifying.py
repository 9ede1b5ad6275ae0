"""Say of a customer's message what it is, and keep what was said of the conversation before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from careloop.common.db.rows import insert
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Message
from careloop.conversations.services.locking import locked
from careloop.triage import events
from careloop.triage.engine.heads import (
    CHURN,
    CRISIS,
    HANDLING_CLASS,
    INTENT,
    LABELS,
    LANGUAGE,
    NATURE,
    NONE,
    PHASE,
    QUESTION_TYPE,
    SEVERITY,
    SOURCE,
    SPAM,
    Context,
    HeadResult,
    Heads,
)  # fmt: skip
from careloop.triage.engine.taxonomy import NATURE_DETAIL, UNSPECIFIED
from careloop.triage.models import Prediction
from careloop.triage.services.models_in_use import classifier
from careloop.triage.services.questions import ask_about
from careloop.triage.taxonomy_in_use import detailed
from careloop.triage.thresholds import threshold_of

HOLDS_ANY = "SELECT 1 FROM triage_prediction WHERE conversation_id = %s AND is_current LIMIT 1"
BY_CUSTOMERS = (Message.Kind.CUSTOMER, Message.Kind.PHONE)
OUTSPOKEN_CHANNELS = frozenset({"phone", "public_comment", "email", "chat", "portal", "csv"})


def classify(message: Message) -> list[Prediction]:
    """Judge one message and bring the conversation's predictions up to date; returns the current ones."""
    return keep_predictions(message, predict(message))


def predict(message: Message) -> Heads:
    """What the classifier in use makes of the message. Writes nothing, so it belongs outside a transaction."""
    earlier = _earlier_messages(message)
    return detailed(classifier()).predict(text_of(message, is_first=earlier == 0), context_of(message, earlier))


@writes
def keep_predictions(message: Message, heads: Heads) -> list[Prediction]:
    """Bring the conversation's predictions up to date with these answers; returns the current ones.

    Writes the new rows in one insert and records ``triage.predicted``. A model that cannot be used is recorded
    as ``triage.model_failed`` and the rules answer alone. What a person set is never overwritten, signals of a
    crisis stay until a person takes them away, severity only rises, and a thank-you changes nothing but the mood.
    What is doubtful among the new rows is put before a person in the review queue.
    """
    locked(message.conversation)
    held = _held(message.conversation_id)
    replaced, new = _settle(held, heads, message)
    if replaced:
        Prediction.objects.filter(pk__in=[row.pk for row in replaced]).update(is_current=False)
    insert(new)
    ask_about(message, heads, new, is_first=not held, text=message.text)
    current = [row for rows in held.values() for row in rows if row not in replaced] + new
    record(
        events.TRIAGE_PREDICTED, conversation_id=message.conversation_id, subject="message", subject_id=message.pk,
        data={"heads": {row.head: row.label for row in new}, "version": heads[CRISIS].version},
    )  # fmt: skip
    return current


def text_of(message: Message, *, is_first: bool) -> str:
    """What is judged: the text, after the subject when it is the first message and says something of its own."""
    subject = message.conversation.subject
    if is_first and subject and not message.text.startswith(subject):
        return f"{subject}\n{message.text}"
    return message.text


def context_of(message: Message, earlier_messages: int) -> Context:
    """What is known beside the text."""
    conversation = message.conversation
    kind = conversation.channel_kind
    return Context(
        channel=kind if kind in OUTSPOKEN_CHANNELS else conversation.channel,
        is_vip=conversation.customer.value_tier == "vip",
        earlier_messages=earlier_messages,
    )


def is_courtesy(predictions: list[Prediction]) -> bool:
    """Whether the latest message was a mere thank-you."""
    return any(row.head == "courtesy" and row.label == "yes" for row in predictions)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What was believed of a head before this message."""

    label: str
    confidence: float


Held = dict[str, list[Prediction]]
Replaces = Callable[[_Earlier, HeadResult], bool]


def _never(earlier: _Earlier, result: HeadResult) -> bool:
    return False


def _when_graver(earlier: _Earlier, result: HeadResult) -> bool:
    order = LABELS[SEVERITY] if earlier.label in LABELS[SEVERITY] else LABELS[HANDLING_CLASS]
    return result.label in order and order.index(result.label) > order.index(earlier.label)


def _when_surer(earlier: _Earlier, result: HeadResult) -> bool:
    says_little = result.label in ("other", "information", "praise", "thanks")
    return not says_little and (earlier.label == "other" or result.confidence > earlier.confidence)


def _when_yes(earlier: _Earlier, result: HeadResult) -> bool:
    return result.label == "yes"


# How a later message changes what was believed; a head not named here takes the latest answer.
CHANGES: Mapping[str, Replaces] = {
    SOURCE: _never,
    SEVERITY: _when_graver,
    HANDLING_CLASS: _when_graver,
    NATURE: _when_surer,
    PHASE: _when_surer,
    CHURN: _when_yes,
}
ONLY_IN_REAL_MESSAGES = frozenset({
    NATURE, INTENT, SEVERITY, HANDLING_CLASS, PHASE, LANGUAGE, CHURN, SOURCE, QUESTION_TYPE, SPAM,
})  # fmt: skip


def _earlier_messages(message: Message) -> int:
    """How many the customer wrote before; a conversation of one message needs no question."""
    if message.conversation.message_count <= 1:
        return 0
    earlier = Message.objects.filter(conversation=message.conversation_id, kind__in=BY_CUSTOMERS, pk__lt=message.pk)
    return earlier.count()


def _held(conversation_id: int) -> dict[str, list[Prediction]]:
    held: dict[str, list[Prediction]] = {}
    with connection.cursor() as cursor:
        cursor.execute(HOLDS_ANY, [conversation_id])
        if cursor.fetchone() is None:
            return held  # As nearly always: it has just begun.
    for row in Prediction.objects.current().filter(conversation=conversation_id):
        held.setdefault(row.head, []).append(row)
    return held


def _settle(
    held: dict[str, list[Prediction]], heads: Heads, message: Message
) -> tuple[list[Prediction], list[Prediction]]:
    replaced: list[Prediction] = []
    new: list[Prediction] = []
    at = timezone.now()
    thanks_only = heads["courtesy"].label == "yes"
    for head, result in heads.items():
        before = held.get(head, [])
        if head == CRISIS:
            rows = list(new_signals(before, result, message, at))
        elif head == NATURE_DETAIL:
            if not _detail_changes(held, new, heads, thanks_only=thanks_only):
                continue
            rows = [row_of(head, result.label, result.confidence, result.reasons, result, message, at)]
        elif _stays(head, before, result, thanks_only=thanks_only):
            continue
        else:
            rows = [row_of(head, result.label, result.confidence, result.reasons, result, message, at)]
        if rows:
            replaced += [row for row in before if head != CRISIS or row.label == NONE]
            new += rows
    if NATURE_DETAIL not in heads and any(row.head == NATURE for row in new):
        replaced += held.get(NATURE_DETAIL, [])  # the new nature has no leaves
    return replaced, new


def _detail_changes(held: Held, new: list[Prediction], heads: Heads, *, thanks_only: bool) -> bool:
    """A leaf is kept only under the nature that holds, and gives way to a surer one; a person's stays."""
    nature = next((row for row in (*new, *held.get(NATURE, ())) if row.head == NATURE), None)
    if thanks_only or nature is None or nature.label != heads[NATURE].label:
        return False
    before, result = held.get(NATURE_DETAIL, []), heads[NATURE_DETAIL]
    if any(row.source in (Prediction.Source.HUMAN, Prediction.Source.IMPORTED) for row in before):
        return False
    if not before or nature in new:
        return True
    is_surer = before[0].label == UNSPECIFIED or result.confidence > before[0].confidence
    return result.label != UNSPECIFIED and is_surer


def _stays(head: str, before: list[Prediction], result: HeadResult, *, thanks_only: bool) -> bool:
    if not before:
        return False
    if any(row.source in (Prediction.Source.HUMAN, Prediction.Source.IMPORTED) for row in before):
        return True
    if thanks_only and head in ONLY_IN_REAL_MESSAGES:
        return True
    earlier = _Earlier(before[0].label, before[0].confidence)
    return head in CHANGES and not CHANGES[head](earlier, result)


def new_signals(before: list[Prediction], result: HeadResult, message: Message, at: datetime) -> Iterator[Prediction]:
    """A row for each signal not yet held; a row "none" for a first message without any."""
    known = {row.label for row in before}
    chances = dict(result.ranked)
    for label in result.labels or ():
        if label not in known:
            yield row_of(CRISIS, label, chances[label], result.why.get(label, ()), result, message, at)
    if not before and not result.labels:
        yield row_of(CRISIS, NONE, result.confidence, (), result, message, at)


def row_of(
    head: str,
    label: str,
    confidence: float,
    reasons: tuple[str, ...],
    result: HeadResult,
    message: Message,
    at: datetime,
) -> Prediction:
    return Prediction(
        conversation=message.conversation, message=message, head=head, label=label[:64],
        confidence=round(float(confidence), 4), reasons=[reason[:80] for reason in reasons], source=result.source,
        model_version=result.version[:64], at=at, is_unsure=result.confidence < threshold_of(head),
    )  # fmt: skip
