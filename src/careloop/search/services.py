"""The index of everything said. Higher rooms put documents in; readers get ids back, newest first.

Whether somebody may see a hit is not known here: the caller passes ids through ``visible_to(user)``.
"""

from __future__ import annotations

from types import ModuleType

from django.db import connection

from careloop.search.engines import postgresql, sqlite


def _engine() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def put(document_id: int, *, conversation_id: int, title: str = "", body: str = "") -> None:
    """Index a document, or index it anew; in the caller's transaction."""
    _engine().put(document_id, conversation_id, title, body)


def remove(document_id: int) -> None:
    """Forget a document; unknown ids are no error."""
    _engine().remove(document_id)


def find(query: str, *, before: int | None = None, limit: int = 50) -> list[tuple[int, int]]:
    """(document, conversation) of documents that hold every term, newest document first, ids below ``before``."""
    found: list[tuple[int, int]] = _engine().find(query, before=before, limit=limit)
    return found
