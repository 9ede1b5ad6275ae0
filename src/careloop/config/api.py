"""The JSON API: bearer tokens with scopes, one shape for every error, OpenAPI at ``/api/v1/docs``."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from careloop.channels.api.documentation import OwnPage
from careloop.common.errors import CareloopError, InvalidInput, NotAllowed, NotFound, TooLarge

api = NinjaAPI(
    title="Careloop",
    version="1",
    description="Messages in, conversations out. Every error has the shape "
    '`{"error": {"code", "message", "details"}}`.',
    urls_namespace="api-1",
    docs=OwnPage(),
)
api.add_router("", "careloop.channels.api.endpoints.router", tags=["messages"])


def _answer(request: HttpRequest, error: CareloopError) -> HttpResponse:
    return api.create_response(request, error.as_dict(), status=error.status)


@api.exception_handler(CareloopError)
def on_our_error(request: HttpRequest, error: CareloopError) -> HttpResponse:
    return _answer(request, error)


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    details = [{"where": ".".join(map(str, each["loc"])), "problem": str(each["msg"])[:200]} for each in error.errors]
    return _answer(
        request, InvalidInput("invalid_input", _("Some fields cannot be used; see details."), data={"fields": details})
    )


@api.exception_handler(AuthenticationError)
def on_signed_out(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    message = _("Send a valid token: Authorization: Bearer …")
    return _answer(request, NotAllowed("not_signed_in", message, status=401))


@api.exception_handler(HttpError)
def on_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the framework itself refuses, such as a body that is no JSON."""
    message = _("The request cannot be read: it is not valid JSON in UTF-8.")
    return _answer(request, InvalidInput("unreadable_request", message, status=error.status_code))


@api.exception_handler(Http404)
@api.exception_handler(ObjectDoesNotExist)
def on_missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return _answer(request, NotFound("not_found", _("There is nothing here that you may see.")))


@api.exception_handler(RequestDataTooBig)
def on_too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return _answer(request, TooLarge("too_large", _("This is more than one request may carry.")))
