"""What the frame of every page needs, for `TEMPLATES["OPTIONS"]["context_processors"]`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from careloop.accounts.models import Presence
from careloop.common import installation
from careloop.common.db.prepared import prepared
from careloop.workspace.reviewing import remembered_count

THEME_COOKIE = "careloop_theme"
THEMES = ("system", "light", "dark")


def chrome(request: HttpRequest) -> dict[str, Any]:
    """``theme`` as the person chose it; for those who are signed in ``stream_url`` and, when printed, ``presence`` and
    ``reviews_waiting``.
    """
    return {
        "theme": _theme(request),
        "stream_url": _stream_url(request),
        "presence": SimpleLazyObject(lambda: _presence(request)),
        "reviews_waiting": SimpleLazyObject(lambda: remembered_count(request.user)),  # type: ignore[arg-type]
    }


def _theme(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    chosen = request.COOKIES.get(THEME_COOKIE) or getattr(user, "theme", "system")
    return chosen if chosen in THEMES else "system"


def _stream_url(request: HttpRequest) -> str:
    """Beside this server on the next port, or behind a proxy where the settings say."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    return f"{installation.stream_url_for(request.get_host())}/events"


def _presence(request: HttpRequest) -> str:
    open_row = _presence_of.first(request.user.pk or 0)
    return open_row.state if open_row else Presence.State.OFFLINE


@prepared
def _presence_of(user: int) -> QuerySet[Presence]:
    return Presence.objects.filter(user=user, until=None)[:1]
