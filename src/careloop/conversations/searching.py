"""What of a conversation can be found, and finding it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from careloop.conversations.models import Conversation, Message
from careloop.search import services as search

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.common.models import Event

BATCH = 200
MOST_BATCHES = 25


def index_message(event: Event) -> None:
    """Listener of message events: put the message into the index, with the subject if it is the first."""
    message = event.about or Message.objects.select_related("conversation").get(pk=event.subject_id or 0)
    is_first = message.conversation.message_count <= 1
    title = f"{message.conversation.reference} {message.conversation.subject}" if is_first else ""
    search.put(message.pk, conversation_id=message.conversation_id, title=title, body=message.text)


def find(
    user: User, query: str, *, before: int | None = None, limit: int = 25
) -> tuple[list[Conversation], int | None]:
    """Conversations the person may see in which something matches, newest match first, and where to go on.

    A reference such as CL-1042 finds that conversation. Reads on in batches until the page is full.
    """
    numbered = Conversation.objects.visible_to(user).for_list().numbered(query).first()
    if numbered is not None and before is None:
        return [numbered], None
    found: dict[int, Conversation] = {}
    for document, conversation in _hits(user, query, before):
        if conversation.pk not in found and len(found) == limit:
            return list(found.values()), document + 1
        found.setdefault(conversation.pk, conversation)
    return list(found.values()), None


def _hits(user: User, query: str, before: int | None) -> Iterator[tuple[int, Conversation]]:
    """(document, conversation) the person may see, newest first, read in batches."""
    for _ in range(MOST_BATCHES):
        hits = search.find(query, before=before, limit=BATCH)
        rows = Conversation.objects.visible_to(user).for_list().in_bulk({pk for _, pk in hits})
        yield from ((document, rows[pk]) for document, pk in hits if pk in rows)
        if len(hits) < BATCH:
            return
        before = hits[-1][0]
