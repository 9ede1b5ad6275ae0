"""Lock a conversation before changing it.

Order, for all rooms: the conversation first, then rows that hang on it. On SQLite the transaction itself
is the lock; on PostgreSQL this is ``SELECT … FOR UPDATE``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from careloop.common.db.rows import reread
from careloop.conversations.models import Conversation


def locked(conversation: Conversation) -> Conversation:
    """The same conversation as the database has it now, held until the transaction ends.

    The instance that was passed in is brought up to date too, so callers never keep a stale one. An instance
    that this transaction holds already is not read again: verbs may call verbs.
    """
    if any(isinstance(each, _Held) and each.conversation is conversation for _, each, *_ in _waiting_for_commit()):
        return conversation
    reread(conversation, *_COLUMNS, lock=True)
    hold(conversation)
    return conversation


def hold(conversation: Conversation) -> None:
    """Note that this transaction holds the instance, because it locked it or has just made it."""
    transaction.on_commit(_Held(conversation))


@dataclass(frozen=True)
class _Held:
    """A note among what waits for the commit; Django forgets it with the transaction or the savepoint."""

    conversation: Conversation

    def __call__(self) -> None:
        """Nothing is to be done at commit."""


def _waiting_for_commit() -> list[Any]:
    waiting: list[Any] = transaction.get_connection().run_on_commit
    return waiting


_COLUMNS = tuple(
    field.name
    for field in Conversation._meta.concrete_fields
    if field.name not in ("id", "customer", "inbox", "channel", "created_at")
)
