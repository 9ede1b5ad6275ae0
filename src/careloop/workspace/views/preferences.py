"""How a person wants the screens: colours, language; and whether they are at the desk."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from careloop.accounts.models import Presence, User
from careloop.accounts.services.presence import set_presence
from careloop.common.errors import InvalidInput
from careloop.common.locale import COOKIE as LANGUAGE_COOKIE
from careloop.common.locale import known
from careloop.common.transaction import write
from careloop.workspace.access import desk, person
from careloop.workspace.answers import back
from careloop.workspace.context import THEME_COOKIE, THEMES

ONE_YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system; kept in a cookie and, when signed in, with the person."""
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        raise InvalidInput("unknown_theme", _("Choose light, dark, or as the system."))
    _keep(request, "theme", chosen)
    return _remember(request, back(request), THEME_COOKIE, chosen)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = known(request.POST.get("language", ""))
    if not chosen:
        raise InvalidInput("unknown_language", _("Choose Chinese or English."))
    _keep(request, "language", chosen)
    return _remember(request, back(request), LANGUAGE_COOKIE, chosen)


@require_POST
@desk
def presence(request: HttpRequest) -> HttpResponse:
    state = request.POST.get("state", "")
    if state not in Presence.State.values:
        raise InvalidInput("unknown_presence", _("Choose here, away or off duty."))
    set_presence(person(request), state)
    return back(request)


def _keep(request: HttpRequest, field: str, value: str) -> None:
    if request.user.is_authenticated:
        with write():
            User.objects.filter(pk=request.user.pk).update(**{field: value})


def _remember(request: HttpRequest, response: HttpResponse, cookie: str, value: str) -> HttpResponse:
    response.set_cookie(cookie, value, max_age=ONE_YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response
