"""What an action answers: the refreshed part and a notice to htmx, a redirect and a message to a plain form."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from careloop.common.db.rows import reread
from careloop.common.http import is_partial
from careloop.conversations.models import Conversation
from careloop.workspace.access import find_conversation
from careloop.workspace.drawing import answer
from careloop.workspace.pane import after_message, pane

CHANGED_BY_A_MESSAGE = ("state", "waiting_since", "preview", "assignee")


def done(request: HttpRequest, conversation: Conversation, notice: object, **also: Any) -> HttpResponse:
    """The conversation as it is now. ``also`` are further events for the browser (``open-dialog`` …).

    What went to another team is out of sight: the answer leads to the list then.
    """
    fresh = find_conversation(request, conversation.number)
    if fresh is None or not is_partial(request):
        return _led_to(request, conversation_url(fresh) if fresh else reverse("workspace:home"), notice)
    return announced(answer(request, "conversation.html", pane(request, fresh)), notice, **also)


def said(request: HttpRequest, conversation: Conversation, notice: object, **also: Any) -> HttpResponse:
    """After a message: for htmx only what it changed, each part put in its place; the page for a plain form.

    ``conversation`` is as it was before the message; a message moves nothing out of the sight of its author.
    """
    if not is_partial(request):
        return _led_to(request, conversation_url(conversation), notice)
    reread(conversation, *CHANGED_BY_A_MESSAGE)
    response = answer(request, "said.html", after_message(request, conversation))
    response.headers["HX-Reswap"] = "none"
    return announced(response, notice, **also)


def _led_to(request: HttpRequest, target: str, notice: object) -> HttpResponse:
    """To another page, which says the notice."""
    messages.success(request, str(notice))
    return HttpResponse(headers={"HX-Redirect": target}) if is_partial(request) else HttpResponseRedirect(target)


def announced(response: HttpResponse, notice: object = "", **also: Any) -> HttpResponse:
    """Tell the browser what happened: close the dialog, refresh the lists, say the notice."""
    events: dict[str, Any] = {"close-dialog": {}, "live-list": {}, **also}
    if notice:
        events["toast"] = {"text": str(notice), "level": "success"}
    # 204 settles nothing, so its events come at once.
    header = "HX-Trigger" if response.status_code == 204 else "HX-Trigger-After-Settle"
    response.headers[header] = json.dumps(events)
    return response


def form_or_page(request: HttpRequest, form: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A form for the dialog, or the same form on a page of its own."""
    if is_partial(request):
        response = render(request, form, context, status=status)
        if status != 200:
            response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog-body", "innerHTML"
        return response
    return render(request, "workspace/form_page.html", {**context, "form_template": form}, status=status)


def conversation_url(conversation: Conversation) -> str:
    return reverse("workspace:conversation", args=[conversation.number])


def back(request: HttpRequest) -> HttpResponse:
    """To the page the form stood on, if it is one of ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")
