"""The surveys that were not sent because somebody may harm themselves, and the word of a person that they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from careloop.common.errors import InvalidInput
from careloop.surveys.models import SurveyWithheld
from careloop.surveys.services import withholding
from careloop.triage.labels import label_name

if TYPE_CHECKING:
    from careloop.accounts.models import User

PAGE = 30


@require_safe
@login_required
def withheld(request: HttpRequest) -> HttpResponse:
    """Those of the person's own conversations, newest first, thirty at a time."""
    rows = SurveyWithheld.objects.visible_to(request.user).open().newest_first(_before(request))
    found = list(rows[: PAGE + 1])
    lines = [(row, [label_name("crisis", signal) for signal in row.signals]) for row in found[:PAGE]]
    after = found[PAGE - 1].pk if len(found) > PAGE else ""
    return render(request, "surveys/withheld.html", {"lines": lines, "after": after, "section": "follow_ups"})


@require_POST
@login_required
def release(request: HttpRequest, resolution: int) -> HttpResponse:
    """Invite this customer all the same; back to the conversation."""
    rows = SurveyWithheld.objects.visible_to(request.user).select_related("conversation")
    row = rows.filter(resolution=resolution).first() if resolution < 2**63 else None
    if row is None:
        raise Http404
    withholding.release(row, by=cast("User", request.user))
    messages.success(request, _("The customer is invited to rate how it went."))
    return redirect("workspace:conversation", row.conversation.number)


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("after", "")
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) < 19):
        raise InvalidInput("bad_cursor", _("This page of the list cannot be found."))
    return int(text)
