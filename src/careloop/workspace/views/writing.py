"""Writing: an answer to the customer, or a note to colleagues."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from careloop.accounts.permissions import Permission
from careloop.common.errors import CareloopError, TooLarge
from careloop.common.http import is_partial
from careloop.conversations.models import Conversation, State
from careloop.conversations.services.mentioning import naming_in
from careloop.conversations.services.posting import File, post_note
from careloop.files.services import store
from careloop.replies.services.drafts import drop_draft
from careloop.replies.services.sending import send_reply
from careloop.workspace import checking
from careloop.workspace.access import conversation_of, desk, may, person
from careloop.workspace.answers import said
from careloop.workspace.drawing import answer
from careloop.workspace.pane import pane
from careloop.workspace.views.desk import page_context

AFTER_SENDING = {"waiting": State.WAITING, "open": State.OPEN, "resolve": State.WAITING}


@require_POST
@desk
@may(Permission.CONVERSATION_REPLY)
def messages(request: HttpRequest, number: int) -> HttpResponse:
    """Post what the composer holds. What cannot be sent comes back with its text and the reason."""
    conversation = conversation_of(request, number)
    try:
        return _post(request, conversation)
    except CareloopError as problem:
        return _come_back(request, conversation, problem)


def _post(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    text = request.POST.get("text", "")
    files = [_stored(upload) for upload in request.FILES.getlist("files")]
    if request.POST.get("kind") == "note":
        post_note(conversation, by=person(request), text=text, files=files)
        drop_draft(conversation, by=person(request))
        return said(request, conversation, _note_notice(conversation, text))
    then = request.POST.get("then", "waiting")
    send_reply(
        conversation,
        by=person(request),
        text=text,
        files=files,
        then=AFTER_SENDING.get(then, State.WAITING),
        override_reason=request.POST.get("override_reason", ""),
        seen=_seen(request),
    )
    if then == "resolve":
        url = reverse("workspace:resolution", args=[conversation.number])
        return said(request, conversation, _("Sent."), **{"open-dialog": {"url": url}})
    return said(request, conversation, _("Sent."))


def _note_notice(conversation: Conversation, text: str) -> str:
    """That it is there; and whom it named in vain, because they would wait for nothing to come of it."""
    in_vain = ", ".join(str(user) for user in naming_in(conversation, text).in_vain)
    if not in_vain:
        return _("Note added.")
    return _("Note added. Not told, because they may not see this conversation: %(names)s.") % {"names": in_vain}


def _seen(request: HttpRequest) -> int | None:
    """The newest message the page showed, as the composer carries it."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 19 else None


def _stored(upload: UploadedFile) -> File:
    if (upload.size or 0) > settings.CARELOOP_LARGEST_UPLOAD:
        raise TooLarge("file_too_large", _("The file %(name)s is too large.") % {"name": upload.name})
    return File(store(upload.read(), upload.content_type or ""), name=upload.name or "file")


def _come_back(request: HttpRequest, conversation: Conversation, problem: CareloopError) -> HttpResponse:
    """The composer again, nothing lost. 422: htmx shows it; a plain form shows the whole page."""
    text, kind = request.POST.get("text", ""), request.POST.get("kind", "reply")
    context = {
        **pane(request, conversation),
        "problem": str(problem),
        "draft": text,
        "draft_kind": kind,
        "override_reason": request.POST.get("override_reason", ""),
    }
    if kind != "note":
        context |= checking.as_context(checking.remarks_on(conversation, text))
    if not is_partial(request):
        context = {**page_context(request, context["view"].slug), **context}
        return render(request, "workspace/desk.html", context, status=422)
    response = answer(request, "composer.html", context, status=422)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#composer", "outerHTML"
    return response
