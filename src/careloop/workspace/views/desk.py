"""The desk: a list, and beside it the conversation that is open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from careloop.common.http import is_partial
from careloop.routing.services.queue import claim, claim_next, whats_next
from careloop.workspace import lists
from careloop.workspace.access import conversation_of, desk, person
from careloop.workspace.counts import fresh_counts, remembered_counts, views_drawn
from careloop.workspace.drawing import answer
from careloop.workspace.mentions import looked_at
from careloop.workspace.pane import pane
from careloop.workspace.priorities import priorities_of
from careloop.workspace.rows import drawn, rows_for


@require_safe
@desk
def home(request: HttpRequest) -> HttpResponse:
    return redirect("workspace:list", "mine")


@require_safe
@desk
def list_page(request: HttpRequest, view: str) -> HttpResponse:
    """A view of the desk with nothing open."""
    return render(request, "workspace/desk.html", page_context(request, view))


@require_safe
@desk
def rows(request: HttpRequest, view: str) -> HttpResponse:
    """The head of the list again, or the rows behind a cursor."""
    part = "rows.html" if request.GET.get("after") else "rows_head.html"
    return answer(request, part, _list(request, view))


@require_safe
@desk
def counts(request: HttpRequest, view: str) -> HttpResponse:
    return HttpResponse(views_drawn(_view(view), fresh_counts(person(request))))


@require_safe
@desk
def conversation(request: HttpRequest, number: int, view: str = "open") -> HttpResponse:
    """One conversation: the part for htmx, the whole desk with its list for a browser."""
    found = conversation_of(request, number)
    context = pane(request, found, before=_before(request))
    if is_partial(request):
        part = answer(request, "conversation.html", {**context, "is_part": True})
        return _varying(looked_at(request, found, part))
    page = render(request, "workspace/desk.html", {**page_context(request, view), **context})
    return _varying(looked_at(request, found, page))


def page_context(request: HttpRequest, view: str) -> dict[str, Any]:
    """The list and the views beside it."""
    views = views_drawn(_view(view), remembered_counts(person(request)))
    return {**_list(request, view), "views": views}


@require_POST
@desk
def take_next(request: HttpRequest) -> HttpResponse:
    """What is next? Claim the most urgent conversation that fits this person and open it."""
    entry = whats_next(person(request))
    if entry is None:
        messages.info(request, _("Nothing is waiting for you right now."))
        return redirect("workspace:home")
    if entry.claimed_by_id == request.user.pk:
        return redirect("workspace:list_conversation", "mine", entry.conversation.number)
    taken = claim(entry, person(request)) or claim_next(person(request))
    if taken is None:
        messages.info(request, _("A colleague was faster; nothing else is waiting."))
        return redirect("workspace:home")
    return redirect("workspace:list_conversation", "mine", taken.number)


def _list(request: HttpRequest, slug: str) -> dict[str, Any]:
    view = _view(slug)
    frame = _frame(request, view)
    sort = frame["sort"]
    page = lists.page_of(view, person(request), sort=sort, after=request.GET.get("after", ""))
    chosen = _chosen(request)
    rows = [
        drawn(row, f"{frame['base']}{row.number}/?sort={sort}", is_chosen=row.number == chosen)
        for row in rows_for(page.rows, priorities_of(page.rows), sort=sort)
    ]
    return {**frame, "rows": rows, "after": page.after}


def _frame(request: HttpRequest, view: lists.View) -> dict[str, Any]:
    """What stands around the rows: the view, its order, its addresses."""
    sort = request.GET.get("sort", "")
    sort = sort if sort in view.sorts else view.sort
    return {
        "section": "desk",
        "view": view,
        "sort": sort,
        "sorts": view.sorts.items(),
        "sort_label": lists.SORTS[sort],
        "base": reverse("workspace:list", args=[view.slug]),
        "rows_url": reverse("workspace:rows", args=[view.slug]),
    }


def _view(slug: str) -> lists.View:
    try:
        return lists.VIEWS[slug]
    except KeyError as missing:
        raise Http404 from missing


def _chosen(request: HttpRequest) -> int | None:
    """The number of the open conversation, whose row is marked: this page's, or that of the page that asks for rows."""
    shown = request.resolver_match.kwargs.get("number") if request.resolver_match else None
    if shown is not None:
        return int(shown)
    last = request.headers.get("HX-Current-URL", "").partition("?")[0].rstrip("/").rpartition("/")[2]
    return int(last) if last.isdecimal() else None


def _before(request: HttpRequest) -> int | None:
    before = request.GET.get("before", "")
    return int(before) if before.isdecimal() else None


def _varying(response: HttpResponse) -> HttpResponse:
    """One address, two answers: a cache between must keep them apart."""
    response.headers["Vary"] = "HX-Request, Cookie"
    response.headers["Cache-Control"] = "no-store"
    return response
