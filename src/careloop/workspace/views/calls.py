"""A call, noted while it goes on."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from careloop.accounts.permissions import Permission
from careloop.channels.phone.services import take_down
from careloop.common.errors import CareloopError
from careloop.common.http import is_partial
from careloop.conversations.models import Conversation
from careloop.workspace.access import conversation_of, desk, may, person
from careloop.workspace.answers import conversation_url, form_or_page
from careloop.workspace.forms import CallForm


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.CONVERSATION_REPLY)
def call_new(request: HttpRequest) -> HttpResponse:
    """The quick form, and what it noted."""
    conversation = _conversation(request)
    form = CallForm(request.POST or None, initial={"caller": _number_of(conversation)})
    if form.is_valid():
        try:
            message = take_down(by=person(request), conversation=conversation, **form.cleaned_data)
            return _noted(request, message.conversation)
        except CareloopError as problem:
            form.add_error(None, str(problem))
    context = {"form": form, "conversation": conversation, "call_key": uuid4().hex}
    return form_or_page(request, "workspace/_call_form.html", context, status=422 if form.is_bound else 200)


def _conversation(request: HttpRequest) -> Conversation | None:
    number = request.POST.get("conversation") or request.GET.get("conversation") or ""
    return conversation_of(request, int(number)) if number.isdecimal() and len(number) < 16 else None


def _number_of(conversation: Conversation | None) -> str:
    if conversation is None:
        return ""
    identity = conversation.customer.identities.filter(kind="phone").first()
    return identity.value if identity else ""


def _noted(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """To the conversation the call is now part of."""
    messages.success(request, _("The call is noted."))
    url = conversation_url(conversation)
    return HttpResponse(headers={"HX-Redirect": url}) if is_partial(request) else redirect(url)
