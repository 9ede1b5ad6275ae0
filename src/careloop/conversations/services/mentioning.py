"""Call a colleague by name in a note: they find it among their mentions (提及)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone

from careloop.accounts.models import Role, User
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations import events
from careloop.conversations.models import Conversation, Mention
from careloop.conversations.naming import find_named, handles

if TYPE_CHECKING:
    from careloop.conversations.models import Message

SIGNS = "@＠"


@dataclass(frozen=True)
class Naming:
    """Whom a text names: those who can be told, those who may not see the conversation, and the words it uses."""

    told: Sequence[User] = ()
    in_vain: Sequence[User] = ()
    words: Sequence[str] = ()


def colleagues_of(conversation: Conversation) -> QuerySet[User]:
    """Everybody active who may see the conversation, by name: the people a note in it can reach."""
    everybody = _everybody()
    if conversation.team_id is None:
        return everybody
    members = Q(pk__in=User.objects.filter(memberships__team=conversation.team_id).values("pk"))
    return everybody.filter(members | Q(role=Role.ADMIN))


def naming_in(conversation: Conversation, text: str) -> Naming:
    """Whom a note of this text would name. Reads only; a text without the sign asks nothing."""
    if not any(sign in text for sign in SIGNS):
        return Naming()
    everybody = {user.pk: user for user in _everybody()}
    found = find_named(text, {pk: handles(user.display_name, user.email) for pk, user in everybody.items()})
    named = [everybody[pk] for pk in dict.fromkeys(pk for each in found for pk in sorted(each.people))]
    reached = set(colleagues_of(conversation).values_list("pk", flat=True)) if named else set()
    told = [user for user in named if user.pk in reached]
    words = dict.fromkeys(text[each.start : each.end] for each in found if each.people & reached)
    return Naming(told, [user for user in named if user.pk not in reached], list(words))


@writes
def tell(message: Message, people: Sequence[User], *, by: User) -> list[Mention]:
    """Put the note among the mentions of these people; nobody is told of their own note.

    Records ``colleague.mentioned`` for each.
    """
    rows = [
        Mention.objects.create(conversation=message.conversation, message=message, user=user, at=message.created_at)
        for user in people
        if user.pk != by.pk
    ]
    for row in rows:
        record(
            events.COLLEAGUE_MENTIONED, conversation_id=message.conversation_id, by=by, subject="mention",
            subject_id=row.pk, at=row.at, data={"user": row.user_id},
        )  # fmt: skip
    return rows


@writes
def read_mentions(conversation: Conversation, *, by: User, at: datetime | None = None) -> int:
    """The person looks at the conversation: what named them there is read. How many; nobody else's news."""
    unread = Mention.objects.of(by).unread().filter(conversation=conversation)
    return unread.update(read_at=at or timezone.now())


def _everybody() -> QuerySet[User]:
    return User.objects.filter(is_active=True).order_by("display_name", "pk")
