"""What triage understood of a conversation, as a colleague reads and corrects it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet
from django.utils.translation import get_language
from markupsafe import Markup

from careloop.common.db.prepared import prepared
from careloop.conversations.models import Conversation
from careloop.triage.engine.heads import NATURE
from careloop.triage.labels import Name, choices, head_name, label_name, reason_name
from careloop.triage.models import Prediction
from careloop.triage.taxonomy_in_use import known
from careloop.workspace import drawing

# The heads a colleague acts on, in the order of the panel; the others are for the machine.
SHOWN = ("nature", "nature_detail", "severity", "handling_class", "emotion", "intent", "phase")
CRISIS, NONE = "crisis", "none"
REASONS_SHOWN = 4


@dataclass(frozen=True)
class Guess:
    pk: int
    head: str
    name: Name
    label: str
    confidence: float
    why: str
    is_by_person: bool
    source: str
    options: Markup
    is_unsure: bool


@dataclass(frozen=True)
class Danger:
    pk: int
    label: Name
    why: str


@dataclass(frozen=True)
class Understanding:
    guesses: list[Guess]
    dangers: list[Danger]


def understanding_of(conversation: Conversation) -> Understanding:
    """The current predictions, in one query."""
    rows = _current(conversation.pk)
    by_head = {row.head: row for row in rows}
    nature = by_head[NATURE].label if NATURE in by_head else ""
    guesses = [_guess(by_head[head], nature) for head in SHOWN if head in by_head]
    dangers = [_danger(row) for row in rows if row.head == CRISIS and row.label != NONE]
    return Understanding(guesses, dangers)


@prepared
def _current(conversation: int) -> QuerySet[Prediction]:
    return Prediction.objects.current().filter(conversation=conversation).order_by("id")


def _guess(row: Prediction, nature: str) -> Guess:
    return Guess(
        pk=row.pk,
        head=row.head,
        name=head_name(row.head),
        label=row.label,
        confidence=row.confidence,
        why=_why(row.reasons),
        is_by_person=row.source == Prediction.Source.HUMAN,
        source=f"{drawing.choice_name(row, 'source')} {row.model_version}",
        options=_options(row.head, row.label, nature, known().edition, get_language()),
        is_unsure=row.is_unsure,
    )


@lru_cache(maxsize=1_000)
def _options(head: str, label: str, nature: str, _edition: int, _language: str) -> Markup:
    """The labels to choose from, drawn, with this one among them even if it is no longer one to choose."""
    offered = choices(head, nature)
    shown = offered if label in dict(offered) else [(label, label_name(head, label)), *offered]
    return drawing.draw_alone("options.html", choices=shown, chosen=label)


def _danger(row: Prediction) -> Danger:
    return Danger(row.pk, label_name(CRISIS, row.label), _why(row.reasons))


def _why(reasons: Sequence[str]) -> str:
    return " · ".join(str(reason_name(str(reason))) for reason in reasons[:REASONS_SHOWN])
