"""The earliest thing owed, kept beside each conversation so that lists need no join."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from careloop.conversations.services.describing import set_next_due
from careloop.sla.models import Clock


def next_due(conversation_ids: Collection[int]) -> dict[int, Clock]:
    """The earliest open clock of each of these conversations, in one query; without clocks, no entry."""
    found: dict[int, Clock] = {}
    for clock in Clock.objects.open().filter(conversation_id__in=conversation_ids).order_by("due_at", "id"):
        if clock.is_pressing:
            found.setdefault(clock.conversation_id, clock)
    return found


def earliest_due(clocks: Iterable[Clock]) -> datetime | None:
    return min((clock.due_at for clock in clocks if clock.is_pressing), default=None)


def keep_next_due(conversation_id: int, clocks: Iterable[Clock]) -> datetime | None:
    """Write the earliest due time of the open ones beside the conversation."""
    due_at = earliest_due(clocks)
    set_next_due(conversation_id, due_at)
    return due_at
