"""While one writes: the draft is kept, the checks speak, saved replies are found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from careloop.replies.services.drafts import keep_draft
from careloop.replies.services.saved import fill, find_saved, values_for
from careloop.workspace import checking
from careloop.workspace.access import conversation_of, desk, person
from careloop.workspace.drawing import answer
from careloop.workspace.looks import draft_word

LONGEST_QUERY = 60


@require_POST
@desk
def checks(request: HttpRequest, number: int) -> HttpResponse:
    """The findings for a text that is being written; a note to colleagues is not checked."""
    conversation = conversation_of(request, number)
    if request.POST.get("kind") == "note":
        return HttpResponse()
    remarks = checking.remarks_on(conversation, request.POST.get("text", ""))
    return answer(request, "checks.html", checking.as_context(remarks))


@require_POST
@desk
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """Keep the text as it is now; answers with the word shown beside it."""
    conversation = conversation_of(request, number)
    text, kind = request.POST.get("text", ""), request.POST.get("kind", "reply")
    kept = keep_draft(conversation, by=person(request), text=text, kind=kind)
    return HttpResponse(draft_word(kept.updated_at) if kept else "", content_type="text/plain; charset=utf-8")


@require_safe
@desk
def saved_replies(request: HttpRequest, number: int) -> HttpResponse:
    """The saved replies that match, each filled in for this customer and in the customer's language."""
    conversation = conversation_of(request, number)
    me = person(request)
    values = values_for(conversation, by=me)
    query = request.GET.get("saved_query", "")[:LONGEST_QUERY]
    found = [
        (str(each), each.code, fill(each.text_in(conversation.language), values))
        for each in find_saved(me, query, kind=conversation.kind)
    ]
    return render(request, "workspace/_saved_replies.html", {"found": found})
