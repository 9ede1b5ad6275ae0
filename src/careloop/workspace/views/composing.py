"""While one writes: what the checks say of the text."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from careloop.workspace import checking
from careloop.workspace.access import conversation_of, desk


@require_POST
@desk
def checks(request: HttpRequest, number: int) -> HttpResponse:
    """The findings for a text that is being written; a note to colleagues is not checked."""
    conversation = conversation_of(request, number)
    if request.POST.get("kind") == "note":
        return HttpResponse()
    findings = checking.findings_for(conversation, request.POST.get("text", ""))
    return render(request, "workspace/_checks.html", checking.as_context(findings))
