"""Several conversations at once: take, assign, set aside. Resolving is not among them: two questions are asked."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from careloop.accounts.permissions import Permission
from careloop.conversations.models import Conversation
from careloop.conversations.services.holding import assign, snooze
from careloop.workspace import forms, many
from careloop.workspace.access import desk, may, person
from careloop.workspace.answers import form_or_page
from careloop.workspace.taking import take


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.CONVERSATION_ASSIGN)
def claims(request: HttpRequest) -> HttpResponse:
    """Take them; without script a page asks once more, because a link must change nothing."""
    numbers = many.chosen(request)
    if request.method != "POST":
        return form_or_page(request, "workspace/_bulk_claim_form.html", {"numbers": numbers})
    me = person(request)

    def to_me(conversation: Conversation) -> None:
        many.unless_same(conversation, lambda each: take(each, me))

    return many.told(request, many.do_to_each(request, numbers, to_me))


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.CONVERSATION_ASSIGN)
def assignments(request: HttpRequest) -> HttpResponse:
    numbers = many.chosen(request)
    form = forms.AssignmentForm(request.POST or None)
    if not form.is_valid():
        context = {"form": form, "numbers": numbers}
        return form_or_page(
            request, "workspace/_bulk_assignment_form.html", context, status=422 if form.is_bound else 200
        )
    given, me = form.cleaned_data, person(request)

    def to_them(conversation: Conversation) -> None:
        many.unless_same(conversation, lambda each: assign(each, by=me, **given))

    return many.told(request, many.do_to_each(request, numbers, to_them))


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.CONVERSATION_REPLY)
def snoozes(request: HttpRequest) -> HttpResponse:
    numbers = many.chosen(request)
    form = forms.SnoozeForm(request.POST or None)
    if not form.is_valid():
        context = {"form": form, "numbers": numbers, "moments": forms.snooze_moments()}
        return form_or_page(request, "workspace/_bulk_snooze_form.html", context, status=422 if form.is_bound else 200)
    wake_at: datetime = form.cleaned_data["wake_at"]
    me = person(request)
    return many.told(request, many.do_to_each(request, numbers, lambda each: snooze(each, by=me, wake_at=wake_at)))
