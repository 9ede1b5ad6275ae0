"""The priority page: the weights, the importance of sources, and what they do to the queue."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from careloop.accounts.models import User
from careloop.accounts.permissions import Permission, require
from careloop.common.errors import InvalidInput
from careloop.routing.forms import WeightsForm
from careloop.routing.models import PriorityWeights, SourceImportance
from careloop.routing.previewing import top_of_queue
from careloop.routing.services.weighing import change_source, change_weights


@login_required
@require_http_methods(["GET", "POST"])
def priority(request: HttpRequest) -> HttpResponse:
    """Show the weights; POST tries them out on the queue (``do=preview``) or saves them."""
    user = cast(User, request.user)
    require(user, Permission.PRIORITY_EDIT)
    saved = PriorityWeights.objects.filter(pk=1).first() or PriorityWeights()
    form = WeightsForm(request.POST or None, instance=saved)
    if request.method == "POST" and form.is_valid() and request.POST.get("do") == "save":
        change_weights(by=user, **form.changes())
        messages.success(request, _("Saved. The queue is being scored anew."))
        return redirect("routing:priority")
    is_tried = request.method == "POST" and form.is_valid()
    context = {
        "form": form,
        "sources": SourceImportance.objects.all(),
        "lines": top_of_queue(user, form.instance if is_tried else None),
        "is_tried": is_tried,
        "section": "priority",
    }
    return render(request, "routing/priority.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """Set the importance of the sources that were changed."""
    user = cast(User, request.user)
    require(user, Permission.PRIORITY_EDIT)
    for source in SourceImportance.objects.all():
        text = request.POST.get(f"importance-{source.pk}", "")
        importance = _number(text) if text else source.importance
        if importance != source.importance:
            source.importance = importance
            change_source(source, by=user)
    messages.success(request, _("Saved. The queue is being scored anew."))
    return redirect("routing:priority")


def _number(text: str) -> float:
    """A share from 0 to 1. Raises InvalidInput on anything else."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise InvalidInput("bad_importance", _("Give each source a number from 0 to 1."))
    return number
