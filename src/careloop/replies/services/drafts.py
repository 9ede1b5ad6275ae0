"""Keep what somebody is writing, so that neither a crash nor a change of mind loses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from careloop.common.db.prepared import prepared
from careloop.common.transaction import writes
from careloop.replies.models import Draft

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation

LONGEST_TEXT = 200_000
# Every reply ends a draft: the statement as it is, where the ORM would first look what hangs on the row.
DROP = 'DELETE FROM "replies_draft" WHERE conversation_id = %s AND author_id = %s'


def draft_of(conversation: Conversation, user: User) -> Draft | None:
    """What this person was writing here."""
    return _draft.first(conversation.pk, user.pk)


@prepared
def _draft(conversation: int, author: int) -> QuerySet[Draft]:
    return Draft.objects.filter(conversation=conversation, author=author)[:1]


@writes
def keep_draft(conversation: Conversation, *, by: User, text: str, kind: str = Draft.Kind.REPLY) -> Draft | None:
    """Keep the text as it is now; an empty text ends the draft. Records nothing: it is nobody's news."""
    if not text.strip():
        drop_draft(conversation, by=by)
        return None
    draft, _is_new = Draft.objects.update_or_create(
        conversation=conversation,
        author=by,
        defaults={"text": text[:LONGEST_TEXT], "kind": _kind(kind), "updated_at": timezone.now()},
    )
    return draft


def drop_draft(conversation: Conversation, *, by: User) -> None:
    """It was sent, or thrown away."""
    with connection.cursor() as cursor:
        cursor.execute(DROP, [conversation.pk, by.pk])


def _kind(kind: str) -> str:
    return kind if kind in Draft.Kind.values else Draft.Kind.REPLY
