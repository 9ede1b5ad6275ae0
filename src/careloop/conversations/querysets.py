"""The words in which rows of this room are asked for."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.db.models import BooleanField, Exists, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from careloop.accounts.models import User
    from careloop.conversations.models.conversation import Conversation
    from careloop.conversations.models.mention import Mention

_REFERENCE = re.compile(r"^\s*(?:CL-|#)?(\d{4,15})\s*$", re.IGNORECASE)

# As the index ``conv_waiting`` says it.
UNANSWERED = "(NOT (state = 'resolved') AND NOT needs_review AND waiting_since IS NOT NULL)"

M = TypeVar("M", bound=models.Model)

ROW_FIELDS = (
    "subject", "preview", "state", "assignee_id", "last_activity_at", "waiting_since", "next_due_at",
    "customer__name", "customer__value_tier",
)  # fmt: skip


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User | AnonymousUser) -> ConversationQuerySet:
        """What this person may see: administrators all, others their teams' and what has no team yet."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.in_sight(*user.sight)

    def in_sight(self, is_administrator: bool, teams: tuple[int, ...]) -> ConversationQuerySet:
        """The same by a person's ``sight``, for prepared queries, which know numbers and no people."""
        return self if is_administrator else self.filter(Q(team_id__in=teams) | Q(team_id=None))

    def unresolved(self) -> ConversationQuerySet:
        return self.filter(state__in=("open", "waiting", "snoozed"))

    def open(self) -> ConversationQuerySet:
        return self.filter(state="open")

    def unanswered(self) -> ConversationQuerySet:
        """Somebody waits for our answer: counted, and the oldest found, in an index of its own.

        Literal SQL, since only a literal proves to SQLite that a partial index holds every row asked for.
        """
        return self.filter(RawSQL(UNANSWERED, [], output_field=BooleanField()))  # noqa: S611 - a literal of ours

    def unassigned(self) -> ConversationQuerySet:
        return self.filter(assignee=None)

    def assigned_to(self, user: User) -> ConversationQuerySet:
        return self.filter(assignee=user)

    def complaints(self) -> ConversationQuerySet:
        return self.filter(kind="complaint")

    def mentioning(self, user: User) -> ConversationQuerySet:
        """Where somebody named this person in a note, read or not."""
        return self.filter(pk__in=_mentions().of(user).values("conversation"))

    def naming_unread(self, user: User) -> ConversationQuerySet:
        """Where this person was named and has not looked since."""
        return self.filter(pk__in=_mentions().of(user).unread().values("conversation"))

    def with_mention(self, user: User | int) -> ConversationQuerySet:
        """Each row says in ``is_mention_unread`` whether this person was named there and has not looked since."""
        unread = _mentions().of(user).unread().filter(conversation=OuterRef("pk"))
        return self.annotate(is_mention_unread=Exists(unread))

    def with_holding(self) -> ConversationQuerySet:
        """Each row says why its owner has it (``given_because``) and which colleague gave it (``given_by_name``)."""
        from careloop.conversations.models.states import Assignment

        held = Assignment.objects.filter(conversation=OuterRef("pk"), until=None)
        return self.annotate(
            given_because=Subquery(held.values("reason")[:1]),
            given_by_name=Subquery(held.values("by__display_name")[:1]),
        )

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

    def for_list(self) -> ConversationQuerySet:
        """Everything a row of a list shows, in this one query."""
        return self.select_related("customer", "assignee")

    def for_rows(self) -> ConversationQuerySet:
        """The same for the desk's list, which is asked for most of all: nothing it does not show."""
        return self.select_related("customer").only(*ROW_FIELDS)


class MentionQuerySet(models.QuerySet["Mention"]):
    def of(self, user: User | int) -> MentionQuerySet:
        return self.filter(user=user)

    def unread(self) -> MentionQuerySet:
        return self.filter(read_at__isnull=True)


def _mentions() -> MentionQuerySet:
    from careloop.conversations.models.mention import Mention

    return Mention.objects.all()
