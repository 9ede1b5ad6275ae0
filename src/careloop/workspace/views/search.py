"""Search and jump: a reference, a customer, or words that were said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from careloop.common.http import page_or_partial
from careloop.workspace import searching
from careloop.workspace.access import desk, person


@require_safe
@desk
def search(request: HttpRequest) -> HttpResponse:
    """The best few for the box while one types; page after page on the search page."""
    query = request.GET.get("q", "").strip()[: searching.LONGEST_QUERY]
    if not query:
        return render(request, "workspace/search.html", {"section": "desk", "query": ""})
    found = searching.find(person(request), query, after=request.GET.get("after", ""))
    context = {"section": "desk", "query": query, "found": found}
    return page_or_partial(request, "workspace/search.html", "workspace/_search_results.html", context)
