"""Suggested answers beside a conversation: asked for when it is open, and what was done with one is kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from careloop.accounts.permissions import Permission
from careloop.common.errors import InvalidInput
from careloop.replies.models import SuggestionChoice
from careloop.replies.services.suggesting import choose
from careloop.workspace.access import conversation_of, desk, may, person
from careloop.workspace.drawing import answer
from careloop.workspace.reads import note
from careloop.workspace.suggestions import suggestions_for

LONGEST_NUMBER = 18


@require_http_methods(["GET", "HEAD", "POST"])
@desk
@may(Permission.CONVERSATION_REPLY)
def suggestions(request: HttpRequest, number: int) -> HttpResponse:
    """The part beside the thread; POST keeps that one was used or put away, and answers with what is left."""
    conversation = conversation_of(request, number)
    note(request, conversation)
    if request.method == "POST":
        choose(
            conversation, by=person(request), kind=_one_of(request, "kind", SuggestionChoice.Kind.values),
            target=_number(request, "target"), place=min(_number(request, "place"), 99),
            choice=_one_of(request, "choice", SuggestionChoice.Choice.values),
        )  # fmt: skip
        if request.POST["choice"] == SuggestionChoice.Choice.USED:
            return HttpResponse(status=204)
    context = {"conversation": conversation, "suggestions": suggestions_for(conversation, person(request))}
    return answer(request, "suggestions.html", context)


def _one_of(request: HttpRequest, name: str, known: list[str]) -> str:
    value = request.POST.get(name, "")
    if value not in known:
        raise _unknown()
    return value


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    if not value.isdecimal() or len(value) > LONGEST_NUMBER:
        raise _unknown()
    return int(value)


def _unknown() -> InvalidInput:
    return InvalidInput("unknown_suggestion", _("This suggestion is not known. Open the conversation again."))
