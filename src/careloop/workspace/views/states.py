"""The states of a conversation: resolved, assigned, set aside, looked at. Each is a resource with its own address."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from careloop.accounts.permissions import Permission
from careloop.conversations.services.describing import finish_review
from careloop.conversations.services.holding import assign, snooze
from careloop.conversations.services.resolution import reopen, resolve
from careloop.workspace import forms
from careloop.workspace.access import conversation_of, desk, may, person
from careloop.workspace.answers import done, form_or_page
from careloop.workspace.taking import take


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.CONVERSATION_RESOLVE)
def resolution(request: HttpRequest, number: int) -> HttpResponse:
    """Solved? satisfied? with which outcome, from which cause (mission 72)."""
    conversation = conversation_of(request, number)
    form = forms.ResolutionForm(request.POST or None)
    if not form.is_valid():
        context = {"conversation": conversation, "form": form}
        return form_or_page(request, "workspace/_resolution_form.html", context, status=422 if form.is_bound else 200)
    resolve(conversation, by=person(request), **form.cleaned_data)
    return done(request, conversation, _("Resolved."))


@require_POST
@desk
@may(Permission.CONVERSATION_RESOLVE)
def reopening(request: HttpRequest, number: int) -> HttpResponse:
    conversation = conversation_of(request, number)
    reopen(conversation, by=person(request), reason="colleague")
    return done(request, conversation, _("Open again."))


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.CONVERSATION_ASSIGN)
def assignment(request: HttpRequest, number: int) -> HttpResponse:
    """Give it to a colleague, a team, or back to the queue."""
    conversation = conversation_of(request, number)
    form = forms.AssignmentForm(request.POST or None, conversation=conversation)
    if not form.is_valid():
        context = {"conversation": conversation, "form": form}
        return form_or_page(request, "workspace/_assignment_form.html", context, status=422 if form.is_bound else 200)
    assign(conversation, by=person(request), **form.cleaned_data)
    return done(request, conversation, _("Assigned."))


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.CONVERSATION_REPLY)
def snoozing(request: HttpRequest, number: int) -> HttpResponse:
    conversation = conversation_of(request, number)
    form = forms.SnoozeForm(request.POST or None)
    if not form.is_valid():
        context = {"conversation": conversation, "form": form, "moments": forms.snooze_moments()}
        return form_or_page(request, "workspace/_snooze_form.html", context, status=422 if form.is_bound else 200)
    wake_at: datetime = form.cleaned_data["wake_at"]
    snooze(conversation, by=person(request), wake_at=wake_at)
    return done(request, conversation, _("Set aside. A message of the customer wakes it sooner."))


@require_POST
@desk
@may(Permission.CONVERSATION_ASSIGN)
def claim(request: HttpRequest, number: int) -> HttpResponse:
    """Take it yourself."""
    conversation = conversation_of(request, number)
    take(conversation, person(request))
    return done(request, conversation, _("It is yours now."))


@require_POST
@desk
def review(request: HttpRequest, number: int) -> HttpResponse:
    conversation = conversation_of(request, number)
    finish_review(conversation, by=person(request))
    return done(request, conversation, _("Thank you for looking."))
