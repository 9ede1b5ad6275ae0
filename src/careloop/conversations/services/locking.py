"""Lock a conversation before changing it.

Order, for all rooms: the conversation first, then rows that hang on it. On SQLite the transaction itself
is the lock; on PostgreSQL this is ``SELECT … FOR UPDATE``.
"""

from __future__ import annotations

from django.db import connection

from careloop.conversations.models import Conversation


def locked(conversation: Conversation) -> Conversation:
    """The same conversation as the database has it now, held until the transaction ends.

    The instance that was passed in is brought up to date too, so callers never keep a stale one.
    """
    if connection.features.has_select_for_update:
        Conversation.objects.select_for_update().filter(pk=conversation.pk).values_list("pk").get()
    conversation.refresh_from_db(fields=_COLUMNS)
    return conversation


_COLUMNS = [
    field.attname
    for field in Conversation._meta.concrete_fields
    if field.attname not in ("id", "customer_id", "inbox_id", "channel", "created_at")
]
