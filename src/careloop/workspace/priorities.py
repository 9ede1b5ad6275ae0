"""How urgent a conversation is, as one word, and why: the routing room's score in a colleague's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy

from careloop.common.db.prepared import prepared
from careloop.conversations.models import Conversation
from careloop.routing.explaining import Explanation, explanation
from careloop.routing.models import QueueEntry
from careloop.routing.priority import PREEMPTS, STATUTORY, rank
from careloop.workspace.badges import Badge

# The index passes one about when the target time has passed for a middling case.
HIGH_FROM, MIDDLE_FROM = 1.0, 0.3


@dataclass(frozen=True, eq=False)
class Level:
    """How urgent, with the colours of its word in a list and of its dot beside a conversation."""

    label: Promise
    tone: str
    dot: str


URGENT = Level(pgettext_lazy("priority", "urgent"), "red", "high")
HIGH = Level(pgettext_lazy("priority", "high"), "amber", "mid")
MIDDLE = Level(pgettext_lazy("priority", "medium"), "", "low")
LOW = Level(pgettext_lazy("priority", "low"), "", "low")


@dataclass(frozen=True)
class Priority:
    label: str
    dot: str
    why: Explanation


def priorities_of(conversations: Iterable[Conversation]) -> dict[int, Badge]:
    """A badge for each conversation that waits in the queue, in one query."""
    now, language = timezone.now(), get_language()
    found = _waiting(tuple(row.pk for row in conversations))
    levels = ((row.conversation_id, _level(row.tier, row.klass, row.waiting_since, now)) for row in found)
    return {conversation: _badge(level, language) for conversation, level in levels}


def priority_of(conversation: Conversation) -> Priority | None:
    """The word and the sum behind it; None for what was never scored."""
    entry = _entry.first(conversation.pk)
    if entry is None or not entry.parts:
        return None
    level = _level(entry.tier, entry.klass, entry.waiting_since, timezone.now())
    return Priority(str(level.label), level.dot, explanation(entry))


@prepared
def _waiting(conversations: tuple[int, ...]) -> QuerySet[QueueEntry]:
    rows = QueueEntry.objects.waiting().filter(conversation__in=conversations)
    return rows.only("conversation_id", "tier", "klass", "waiting_since")


@prepared
def _entry(conversation: int) -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(conversation=conversation)


@lru_cache(maxsize=64)
def _badge(level: Level, _language: str | None) -> Badge:
    return Badge(str(level.label), level.tone)


def _level(tier: int, klass: int, since: datetime, now: datetime) -> Level:
    if tier == PREEMPTS:
        return URGENT
    index = rank(klass, (now - since).total_seconds() / 3600)
    if tier == STATUTORY or index >= HIGH_FROM:
        return HIGH
    return MIDDLE if index >= MIDDLE_FROM else LOW
