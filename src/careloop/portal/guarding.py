"""What every page of the portal takes care of: the size of a request before it is read, forged forms, privacy."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from careloop.portal.uploads import largest_request, readable

View = Callable[..., HttpResponse]


def takes_files(view: View) -> View:
    """Refuse a request that is too large before a byte of its body is read, then check that it is no forgery.

    Checking the form's token reads the body, so the size has to be looked at first.
    """
    protected = csrf_protect(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _announced_bytes(request) > largest_request():
            context = {"largest": readable(largest_request())}
            return render(request, "portal/too_large.html", context, status=413)
        return protected(request, *args, **kwargs)

    return never_cache(csrf_exempt(guarded))


def private(response: HttpResponse) -> HttpResponse:
    """Named by a secret link: no search engine keeps it, no cache, nobody is told where the reader came from."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Language"] = translation.get_language() or "en"
    return response


def not_found(request: HttpRequest) -> HttpResponse:
    """The same page for a wrong, forged, replaced or old link, in both languages."""
    return private(render(request, "portal/not_found.html", status=404))


def _announced_bytes(request: HttpRequest) -> int:
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(announced) if announced.isdecimal() else 0
