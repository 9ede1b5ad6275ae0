"""Hand in a complaint, a question or feedback; then see that it arrived."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from careloop.common.errors import TooMany
from careloop.common.http import address_of
from careloop.conversations.links import portal_token
from careloop.conversations.models import Inbox
from careloop.portal.forms import NewMatterForm, new_key
from careloop.portal.guarding import not_found, private, takes_files
from careloop.portal.handing_in import hand_in, raw_for, receipt_of
from careloop.portal.limiter import knock
from careloop.portal.shape import MOST_FILES
from careloop.portal.uploads import readable


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, inbox: str = "") -> HttpResponse:
    """The form. What was typed stays when something is not right yet."""
    door = _door(inbox)
    if door is None:
        return not_found(request)
    if request.method != "POST":
        return _form(request, NewMatterForm(initial={"form_key": new_key()}))
    form = NewMatterForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, form, status=400)
    try:
        knock(address_of(request))
    except TooMany as error:
        form.add_error(None, str(error))
        return _form(request, form, status=error.status)
    raw = hand_in(door, form, screen_language=get_language() or "en")
    return redirect("portal:received", receipt=receipt_of(raw))


@never_cache
@require_safe
def received(request: HttpRequest, receipt: str) -> HttpResponse:
    """Number and private link; until they are there, that the message is safe."""
    raw = raw_for(receipt)
    if raw is None:
        return not_found(request)
    conversation = raw.message.conversation if raw.message is not None else None
    token = portal_token(conversation) if conversation is not None else ""
    context = {"conversation": conversation, "token": token, "public_url": settings.CARELOOP_PUBLIC_URL}
    return private(render(request, "portal/received.html", context))


def _door(slug: str) -> Inbox | None:
    """The portal inbox of this name, or the first one."""
    doors = Inbox.objects.filter(kind=Inbox.Kind.PORTAL, is_active=True).order_by("pk")
    return (doors.filter(slug=slug) if slug else doors).first()


def _form(request: HttpRequest, form: NewMatterForm, status: int = 200) -> HttpResponse:
    if form.is_bound:
        form.with_new_key()
    context = {"form": form, "largest": readable(settings.CARELOOP_LARGEST_UPLOAD), "most_files": MOST_FILES}
    return render(request, "portal/submit.html", context, status=status)
