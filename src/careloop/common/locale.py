"""In which language a screen speaks: what was chosen here, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

COOKIE = "careloop_language"


class LanguageMiddleware:
    """Sets the language of a request from ``?lang=``, the cookie, or Accept-Language.

    A signed-in person's own choice comes after this, in ``accounts.middleware``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = known(request.GET.get("lang", ""))
        language = chosen or known(request.COOKIES.get(COOKIE, "")) or _asked_for(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        try:
            response = self.get_response(request)
        finally:
            translation.deactivate()
        response.headers.setdefault("Content-Language", language)
        if chosen:
            response.set_cookie(COOKIE, chosen, max_age=365 * 24 * 3600, samesite="Lax")
        return response


def known(code: str) -> str:
    """One of our languages for ``zh``, ``zh-CN``, ``en-GB`` and the like; empty for others."""
    code = code.lower()
    if code.startswith("zh"):
        return "zh-hans"
    return "en" if code.startswith("en") else ""


def prefer(request: HttpRequest, language: str) -> None:
    """Speak ``language`` on this page (a customer's own), unless the reader chose another one here."""
    if not (known(request.GET.get("lang", "")) or known(request.COOKIES.get(COOKIE, ""))):
        translation.activate(known(language))
        request.LANGUAGE_CODE = known(language)


def _asked_for(request: HttpRequest) -> str:
    for part in request.headers.get("Accept-Language", "").split(","):
        language = known(part.split(";")[0].strip())
        if language:
            return language
    return settings.LANGUAGE_CODE
