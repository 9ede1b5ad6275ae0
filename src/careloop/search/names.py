"""The index of names. The room that owns the named things puts them in; readers get ids back, newest first.

Whether somebody may see a hit is not known here: the caller passes ids through ``visible_to(user)``.
"""

from __future__ import annotations

from types import ModuleType

from django.db import connection

from careloop.search.engines import postgresql_names, sqlite_names
from careloop.search.parts_of_names import asked, matches, parts

__all__ = ["find", "matches", "put", "remove"]


def put(number: int, name: str) -> None:
    """Index a name by the number of what bears it, or index it anew; in the caller's transaction."""
    found = parts(name)
    if found:
        _engine().put(number, found)
    else:
        remove(number)


def remove(number: int) -> None:
    """Forget a name; unknown numbers are no error."""
    _engine().remove(number)


def find(query: str, *, before: int | None = None, limit: int = 50) -> list[int]:
    """Whose names hold each run of the query as a part, newest first, numbers below ``before``."""
    wanted = asked(query)
    if not wanted:
        return []
    found: list[int] = _engine().find(wanted, before=2**62 if before is None else before, limit=limit)
    return found


def _engine() -> ModuleType:
    return postgresql_names if connection.vendor == "postgresql" else sqlite_names
