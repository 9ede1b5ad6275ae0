"""What the search box finds: the conversation with that number, customers, and conversations by what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careloop.common.errors import InvalidInput
from careloop.conversations.models import Conversation
from careloop.customers.models import Customer
from careloop.search import services as index
from careloop.workspace import customers
from careloop.workspace.priorities import priorities_of
from careloop.workspace.rows import Row, rows_for

if TYPE_CHECKING:
    from careloop.accounts.models import User

LONGEST_QUERY = 200
CUSTOMERS_SHOWN = 4
PAGE_ROWS = 30
READ_AT_ONCE = 100
MOST_READS = 10


@dataclass(frozen=True)
class Found:
    rows: list[Row]
    customers: list[Customer]
    after: str = ""


def find(user: User, query: str, *, after: str = "") -> Found:
    """A page of conversations, each once, the one with the newest matching message first.

    Raises :class:`InvalidInput` on a cursor that is not ours.
    """
    if after and not after.isdecimal():
        raise InvalidInput("bad_cursor", "This page of the results cannot be found.")
    found, following = _by_words(user, query, before=int(after) if after else None)
    if not after:
        found = _unique([*Conversation.objects.visible_to(user).numbered(query).for_rows(), *found])
    people = [] if after else customers.page_of(user, query).rows[:CUSTOMERS_SHOWN]
    return Found(rows_for(found, priorities_of(found), sort="activity"), people, following)


def _by_words(user: User, query: str, *, before: int | None) -> tuple[list[Conversation], str]:
    """The index does not know who may see what: read on until a page is full of what this person may."""
    found: list[Conversation] = []
    for _read in range(MOST_READS):
        hits = index.find(query, before=before, limit=READ_AT_ONCE)
        for document, row in _visible(user, hits):
            before = document
            found = _unique([*found, row])
            if len(found) == PAGE_ROWS:
                return found, str(document)
        if len(hits) < READ_AT_ONCE:
            return found, ""
        before = hits[-1][0]
    return found, str(before)


def _visible(user: User, hits: list[tuple[int, int]]) -> list[tuple[int, Conversation]]:
    ids = {conversation for _document, conversation in hits}
    rows = {row.pk: row for row in Conversation.objects.visible_to(user).filter(pk__in=ids).for_rows()}
    return [(document, rows[conversation]) for document, conversation in hits if conversation in rows]


def _unique(rows: list[Conversation]) -> list[Conversation]:
    return list({row.pk: row for row in rows}.values())
