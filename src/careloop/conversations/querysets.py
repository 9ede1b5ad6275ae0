"""The words in which rows of this room are asked for."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from careloop.accounts.models import User
    from careloop.conversations.models.conversation import Conversation

_REFERENCE = re.compile(r"^\s*(?:CL-|#)?(\d{4,15})\s*$", re.IGNORECASE)

M = TypeVar("M", bound=models.Model)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User | AnonymousUser) -> ConversationQuerySet:
        """What this person may see: administrators all, others their teams' and what has no team yet."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(Q(team_id__in=user.team_ids) | Q(team_id=None))

    def unresolved(self) -> ConversationQuerySet:
        return self.filter(state__in=("open", "waiting", "snoozed"))

    def open(self) -> ConversationQuerySet:
        return self.filter(state="open")

    def unassigned(self) -> ConversationQuerySet:
        return self.filter(assignee=None)

    def assigned_to(self, user: User) -> ConversationQuerySet:
        return self.filter(assignee=user)

    def complaints(self) -> ConversationQuerySet:
        return self.filter(kind="complaint")

    def numbered(self, text: str) -> ConversationQuerySet:
        """By the reference people say (``CL-1042``, ``#1042`` or ``1042``)."""
        from careloop.conversations.models.conversation import FIRST_NUMBER

        found = _REFERENCE.match(text)
        return self.filter(pk=int(found.group(1)) - FIRST_NUMBER) if found else self.none()

    def newest_first(self, after: tuple[datetime, int] | None = None) -> ConversationQuerySet:
        """By last activity, from behind the cursor (moment, id)."""
        rows = self.order_by("-last_activity_at", "-id")
        if after is None:
            return rows
        moment, row = after
        return rows.filter(Q(last_activity_at__lt=moment) | Q(last_activity_at=moment, id__lt=row))

    def soonest_due_first(self, after: tuple[datetime, int] | None = None) -> ConversationQuerySet:
        rows = self.filter(next_due_at__isnull=False).order_by("next_due_at", "id")
        if after is None:
            return rows
        moment, row = after
        return rows.filter(Q(next_due_at__gt=moment) | Q(next_due_at=moment, id__gt=row))

    def for_list(self) -> ConversationQuerySet:
        """Everything a row of the list shows, in this one query."""
        return self.select_related("customer", "assignee")
