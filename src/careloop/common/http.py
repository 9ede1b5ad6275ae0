"""How pages, partials and the API answer: one place renders our errors, one helper decides page or partial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from careloop.common.errors import CareloopError, NotFound

Responder = Callable[[HttpRequest], HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")


def is_partial(request: HttpRequest) -> bool:
    """Asked by htmx for a part of a page (a boosted link wants the whole one)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def page_or_partial(
    request: HttpRequest, page: str, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The whole page, or only the part htmx asked for; both from the same context."""
    template = partial if is_partial(request) else page
    response = render(request, template, context, status=status)
    response.headers["Vary"] = "HX-Request"
    return response


def error_response(request: HttpRequest, error: CareloopError) -> HttpResponse:
    """JSON for programs, a toast for htmx, a page for people; the same code, sentence and status."""
    if wants_json(request):
        return JsonResponse(error.as_dict(), status=error.status)
    template = "workspace/_error.html" if is_partial(request) else "workspace/error.html"
    return render(request, template, {"error": error}, status=error.status)


def address_of(request: HttpRequest) -> str:
    """The sender's network address: the last one that our own proxies did not add."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    proxies: int = settings.CARELOOP_TRUSTED_PROXIES
    if not proxies or len(forwarded) < proxies:
        return direct
    return forwarded[-proxies]


class ErrorMiddleware:
    """Turns a raised :class:`CareloopError` into its answer; bugs pass through and fail loudly.

    What Django refuses by itself, in English or without a word, gets one of our answers too.
    """

    def __init__(self, get_response: Responder) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        error = _refused_by_django(request, response)
        if error is None:
            return response
        answer = error_response(request, error)
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, CareloopError):
            return error_response(request, exception)
        return None


def _refused_by_django(request: HttpRequest, response: HttpResponse) -> CareloopError | None:
    """A method that an address does not take, and an address that the API does not have."""
    if response.status_code == 405:
        message = _("This address only takes what is sent to it from a page. Go back and try again from there.")
        return CareloopError("method_not_allowed", message, status=405)
    if response.status_code == 404 and request.path.startswith("/api/") and not _is_json(response):
        return NotFound("not_found", _("There is nothing here that you may see."))
    return None


def _is_json(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("application/json")
