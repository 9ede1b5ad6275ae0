"""How many conversations wait in each view, remembered for a few seconds.

Every colleague's desk shows them and every change asks for them again; without the memory a busy minute would count
the same rows hundreds of times (zammad/zammad#2108, osTicket/osTicket#4805 in field.md).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils.translation import get_language
from markupsafe import Markup

from careloop.workspace import drawing, lists

if TYPE_CHECKING:
    from careloop.accounts.models import User

REMEMBERED_SECONDS = 20
FRESH_SECONDS = 2


def remembered_counts(user: User) -> dict[str, int] | None:
    """What is remembered, for a whole page, which never waits for counting; None asks the page to fetch them."""
    known: dict[str, int] | None = cache.get(_key(user))
    return known


def fresh_counts(user: User) -> dict[str, int]:
    """At most two seconds old, for the counts' own refresh."""
    key = _key(user)
    known: dict[str, int] | None = cache.get(key)
    if known is None or cache.add(f"{key}.lately", True, FRESH_SECONDS):
        known = lists.counts_for(user)
        cache.set(key, known, REMEMBERED_SECONDS)
    return known


def views_drawn(view: lists.View, counts: dict[str, int] | None) -> Markup:
    """The views with their counts, ``view`` being the open one; without counts the browser asks for them."""
    return _views_drawn(view.slug, None if counts is None else tuple(counts.items()), get_language())


@lru_cache(maxsize=512)
def _views_drawn(slug: str, counts: tuple[tuple[str, int], ...] | None, _language: str | None) -> Markup:
    known = dict(counts or ())
    return drawing.draw_alone(
        "views.html",
        view=lists.VIEWS[slug],
        counts_follow=counts is None,
        main_views=[(view, known.get(view.slug)) for view in lists.MAIN_VIEWS],
        channel_views=[(view, known.get(view.slug)) for view in lists.CHANNEL_VIEWS],
    )


def forget_counts(user: User) -> None:
    """Something just changed for this person: the next look counts anew."""
    cache.delete_many([_key(user), f"{_key(user)}.lately"])


def _key(user: User) -> str:
    return f"workspace.counts.{user.pk}"
