"""How urgent a conversation is, as one word, and why: the routing room's score in a colleague's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from careloop.common.db.prepared import prepared
from careloop.conversations.models import Conversation
from careloop.routing.explaining import Explanation, explanation
from careloop.routing.models import QueueEntry
from careloop.routing.priority import PREEMPTS, STATUTORY, rank
from careloop.workspace.badges import Badge

# The index passes one about when the target time has passed for a middling case.
HIGH_FROM, MIDDLE_FROM = 1.0, 0.3

URGENT = (pgettext_lazy("priority", "urgent"), "red", "high")
HIGH = (pgettext_lazy("priority", "high"), "amber", "mid")
MIDDLE = (pgettext_lazy("priority", "medium"), "", "low")
LOW = (pgettext_lazy("priority", "low"), "", "low")


@dataclass(frozen=True)
class Priority:
    label: str
    dot: str
    why: Explanation


def priorities_of(conversations: Iterable[Conversation]) -> dict[int, Badge]:
    """A badge for each conversation that waits in the queue, in one query."""
    now = timezone.now()
    found = _waiting(tuple(row.pk for row in conversations))
    return {row.conversation_id: _badge(row.tier, row.klass, row.waiting_since, now) for row in found}


def priority_of(conversation: Conversation) -> Priority | None:
    """The word and the sum behind it; None for what was never scored."""
    entry = _entry.first(conversation.pk)
    if entry is None or not entry.parts:
        return None
    label, _tone, dot = _level(entry.tier, entry.klass, entry.waiting_since, timezone.now())
    return Priority(str(label), dot, explanation(entry))


@prepared
def _waiting(conversations: tuple[int, ...]) -> QuerySet[QueueEntry]:
    rows = QueueEntry.objects.waiting().filter(conversation__in=conversations)
    return rows.only("conversation_id", "tier", "klass", "waiting_since")


@prepared
def _entry(conversation: int) -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(conversation=conversation)


def _badge(tier: int, klass: int, since: datetime, now: datetime) -> Badge:
    label, tone, _dot = _level(tier, klass, since, now)
    return Badge(str(label), tone)


def _level(tier: int, klass: int, since: datetime, now: datetime) -> tuple[object, str, str]:
    if tier == PREEMPTS:
        return URGENT
    index = rank(klass, (now - since).total_seconds() / 3600)
    if tier == STATUTORY or index >= HIGH_FROM:
        return HIGH
    return MIDDLE if index >= MIDDLE_FROM else LOW
