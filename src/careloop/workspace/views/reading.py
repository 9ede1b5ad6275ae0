"""Reading: the messages of a thread, a mail as it was formatted, a file that came with it."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from careloop.conversations.models import Attachment, Message
from careloop.files.answering import file_answer
from careloop.workspace import pane, thread
from careloop.workspace.access import conversation_of, desk
from careloop.workspace.drawing import answer
from careloop.workspace.mentions import looked_at
from careloop.workspace.original import original_of
from careloop.workspace.pictures import load_pictures
from careloop.workspace.reads import note

# Shown in the browser; everything else is handed over as a download, whatever it calls itself.
SHOWN = thread.SHOWN_IN_PLACE | {"application/pdf", "video/mp4", "video/webm", "audio/mpeg", "text/plain"}


@require_safe
@desk
def messages(request: HttpRequest, number: int) -> HttpResponse:
    """The thread's messages again, or those before one that is shown."""
    conversation = conversation_of(request, number)
    note(request, conversation)
    before = request.GET.get("before", "")
    context = pane.messages(request, conversation, before=int(before) if before.isdecimal() else None)
    return looked_at(request, conversation, answer(request, "messages.html", context))


@require_safe
@desk
def original(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """A mail as it was formatted; with ``images`` in the query also the pictures that lie elsewhere."""
    conversation = conversation_of(request, number)
    note(request, conversation)
    rows = Message.objects.filter(conversation=conversation).prefetch_related("attachments")
    found = original_of(get_object_or_404(rows.select_related("conversation"), pk=message))
    if settings.CARELOOP_REMOTE_IMAGES and request.GET.get("images"):
        pictures = load_pictures(found.elsewhere)
        context = {"html": found.shown(pictures), "missing": len(found.elsewhere) - len(pictures)}
    else:
        url = f"{request.path}?images=1" if settings.CARELOOP_REMOTE_IMAGES else ""
        context = {"html": found.shown({}), "held_back": len(found.elsewhere), "url": url}
    return render(request, "workspace/_original.html", context)


@require_safe
@desk
def attachment(request: HttpRequest, number: int, pk: int, name: str) -> HttpResponse:
    """A file of a conversation the person may see. It is never run and never guessed at by the browser."""
    conversation = conversation_of(request, number)
    note(request, conversation)
    row = Attachment.objects.select_related("blob").filter(pk=pk, message__conversation=conversation).first()
    if row is None:
        raise Http404
    response = file_answer(
        request, row.blob, name=row.name, content_type=row.content_type, is_shown=row.content_type in SHOWN
    )
    response.headers["Cache-Control"] = "private, max-age=3600, immutable"
    return response
