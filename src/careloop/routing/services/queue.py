"""Read the queue in score order, say what is next, and take it without a race."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from careloop.accounts.permissions import Permission, require
from careloop.common.transaction import write
from careloop.conversations.services.holding import assign
from careloop.conversations.services.locking import locked
from careloop.routing.heads import Cursor, Place, Scope, first_places
from careloop.routing.models import QueueEntry

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation

PAGE = 50
TRIES = 5
CLAIMED, PULLED = "claimed", "pulled"


@dataclass(frozen=True)
class Page:
    """One page of the queue; ``next`` is the cursor of the page behind it, empty at the end."""

    entries: list[QueueEntry]
    next: str
    as_of: datetime


def score_sorted(
    user: User, *, after: str = "", limit: int = PAGE, is_mine: bool = False, now: datetime | None = None
) -> Page:
    """What waits in this person's teams (or in their own hands), most urgent first. Three queries a page."""
    require(user, Permission.CONVERSATION_READ)
    cursor = Cursor.read(after) if after else None
    as_of = cursor.as_of if cursor else now or timezone.now()
    limit = max(1, min(limit, 200))
    places = first_places(_mine(user) if is_mine else visible(user), as_of, limit + 1, cursor)
    more = str(Cursor(as_of, places[limit - 1])) if len(places) > limit else ""
    return Page(_entries(places[:limit]), more, as_of)


def whats_next(user: User, *, now: datetime | None = None) -> QueueEntry | None:
    """The one thing this person should do now: the most urgent of their own and of what is free and fits them."""
    as_of = now or timezone.now()
    places = first_places(_mine(user), as_of, 1) + _fitting(user, as_of, 1)
    found = _entries(sorted(places)[:1])
    return found[0] if found else None


def claim_next(user: User, *, now: datetime | None = None, reason: str = CLAIMED) -> Conversation | None:
    """Give this person the most urgent free conversation that fits them; None when there is none.

    Two people asking at once never get the same one. Records ``conversation.assigned``.
    """
    require(user, Permission.CONVERSATION_REPLY)
    for _ in range(TRIES):
        places = _fitting(user, now or timezone.now(), TRIES)
        for entry in _entries(places):
            taken = claim(entry, user, reason=reason)
            if taken is not None:
                return taken
        if len(places) < TRIES:
            return None
    return None


def claim(entry: QueueEntry, user: User, *, reason: str = CLAIMED) -> Conversation | None:
    """Take this entry if it is still free. The change of its state decides who wins; None for the others."""
    with write():
        conversation = locked(entry.conversation)
        if conversation.assignee_id is not None or conversation.is_resolved:
            return None
        free = QueueEntry.objects.queued().filter(pk=entry.pk)
        if not free.update(state=QueueEntry.State.CLAIMED, claimed_by=user, claimed_at=timezone.now()):
            return None
        return assign(conversation, user=user, team=conversation.team, by=user, reason=reason)


def visible(user: User) -> Scope:
    """The queue this person may see: an administrator's is everybody's."""
    return Scope(teams=user.seen_team_ids | {None})


def _mine(user: User) -> Scope:
    return Scope(teams=None, state=QueueEntry.State.CLAIMED, claimed_by=user.pk)


def _fitting(user: User, as_of: datetime, limit: int) -> list[Place]:
    """Free work in a language they speak. Whoever asks for work may take what needs a skill they did not list."""
    return first_places(Scope(visible(user).teams, languages=tuple(user.languages)), as_of, limit)


def _entries(places: list[Place]) -> list[QueueEntry]:
    rows = {row.pk: row for row in QueueEntry.objects.for_list().filter(pk__in=[place.id for place in places])}
    return [rows[place.id] for place in places if place.id in rows]
