"""The door of every desk view: signed-in colleagues only, and rows only through ``visible_to``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from careloop.accounts.permissions import Permission, require
from careloop.common.db.prepared import prepared
from careloop.common.http import is_partial
from careloop.conversations.models import Conversation
from careloop.conversations.models.conversation import FIRST_NUMBER

if TYPE_CHECKING:
    from careloop.accounts.models import User

View = Callable[..., HttpResponse]


def desk(view: View) -> View:
    """Let colleagues in; others go to the sign-in page, and a part of a page asks its page to reload."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if is_partial(request):
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return redirect_to_login(request.get_full_path())

    return guarded


def may(permission: Permission) -> Callable[[View], View]:
    """Only those whose role grants it; raises :class:`NotAllowed` with the reason."""

    def around(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(person(request), permission)
            return view(request, *args, **kwargs)

        return guarded

    return around


def person(request: HttpRequest) -> User:
    """Who is asking; ``desk`` has made sure that somebody is."""
    return cast("User", request.user)


def conversation_of(request: HttpRequest, number: int) -> Conversation:
    """The conversation people call ``CL-number``; 404 for one that is not there and one of another team alike."""
    row = find_conversation(request, number)
    if row is None:
        raise Http404
    return row


def find_conversation(request: HttpRequest, number: int) -> Conversation | None:
    """The same, or None; with what its page shows of other rooms' rows."""
    viewer = person(request)
    return _conversation.first(number - FIRST_NUMBER, viewer.pk, *viewer.sight)


@prepared
def _conversation(pk: int, viewer: int, is_administrator: bool, teams: tuple[int, ...]) -> QuerySet[Conversation]:
    rows = Conversation.objects.in_sight(is_administrator, teams).filter(pk=pk)
    rows = rows.with_mention(viewer).with_holding()
    return rows.select_related("customer__company", "assignee", "team", "inbox")
