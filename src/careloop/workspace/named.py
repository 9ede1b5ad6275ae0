"""Where a person was named in a note, as lanes of a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q

from careloop.conversations import lanes
from careloop.conversations.models import Conversation, Mention

if TYPE_CHECKING:
    from careloop.accounts.models import User

_NAMED = "id IN (SELECT conversation_id FROM conversations_mention WHERE user_id = %s{})"


def naming(user: User) -> Q:
    return Q(pk__in=Mention.objects.of(user).values("conversation"))


def lanes_naming(user: User) -> list[lanes.Lane]:
    """All of them, read or not."""
    return lanes.of_teams(user, _NAMED.format(""), values=[user.pk])


def lanes_naming_anew(user: User) -> list[lanes.Lane]:
    """Those the person has not looked at since."""
    return lanes.of_teams(user, _NAMED.format(" AND read_at IS NULL"), values=[user.pk])


def mark_unread(rows: Iterable[Conversation], user: User) -> None:
    """Say of each row whether it names this person anew, with one query."""
    shown = list(rows)
    unread = set(
        Mention.objects.of(user).unread().filter(conversation__in=shown).values_list("conversation", flat=True)
    )
    for row in shown:
        row.is_mention_unread = row.pk in unread
