"""How many conversations wait in each view, remembered for a few seconds.

Every colleague's desk shows them and every change asks for them again; without the memory a busy minute would count
the same rows hundreds of times (zammad/zammad#2108, osTicket/osTicket#4805 in field.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from careloop.workspace import lists

if TYPE_CHECKING:
    from careloop.accounts.models import User

REMEMBERED_SECONDS = 20
FRESH_SECONDS = 2


def counts_of(user: User, *, fresh: bool = False) -> dict[str, int]:
    """From memory for a whole page; ``fresh``, at most two seconds old, for the counts' own refresh."""
    key = f"workspace.counts.{user.pk}"
    if fresh and cache.add(f"{key}.lately", True, FRESH_SECONDS):
        cache.delete(key)
    known: dict[str, int] | None = cache.get(key)
    if known is None:
        known = lists.counts_for(user)
        cache.set(key, known, REMEMBERED_SECONDS)
    return known
