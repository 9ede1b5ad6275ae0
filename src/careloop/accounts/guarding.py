"""The door of the desk's pages: signed in, and the role grants it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from careloop.accounts.permissions import Permission, require

View = Callable[..., HttpResponse]


def colleague(permission: Permission) -> Callable[[View], View]:
    """Sends strangers to sign in; raises :class:`NotAllowed` for who lacks the permission."""

    def around(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(request.user, permission)
            return view(request, *args, **kwargs)

        return guarded

    return around
