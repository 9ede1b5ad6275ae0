"""A person says: this is a crisis."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from careloop.accounts.permissions import Permission
from careloop.triage.services.correcting import raise_alarm
from careloop.workspace.access import conversation_of, desk, may, person
from careloop.workspace.answers import done, form_or_page
from careloop.workspace.forms import AlarmForm


@require_http_methods(["GET", "POST"])
@desk
@may(Permission.TRIAGE_CORRECT)
def alarm(request: HttpRequest, number: int) -> HttpResponse:
    """What kind of danger it is; clocks, priority and routing follow as for a signal that triage found."""
    conversation = conversation_of(request, number)
    form = AlarmForm(request.POST or None)
    if not form.is_valid():
        context = {"conversation": conversation, "form": form}
        return form_or_page(request, "workspace/_alarm_form.html", context, status=422 if form.is_bound else 200)
    raise_alarm(conversation, form.cleaned_data["label"], by=person(request))
    return done(request, conversation, _("The alarm is raised; clocks and priority follow."))
