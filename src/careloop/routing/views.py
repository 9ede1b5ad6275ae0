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
from careloop.common.errors import InvalidInput, NotFound
from careloop.routing.forms import WeightsForm
from careloop.routing.models import PriorityWeights, Simulation, SourceImportance
from careloop.routing.presenting import present
from careloop.routing.previewing import top_of_queue
from careloop.routing.services.simulating import adopt, ask, stop
from careloop.routing.services.weighing import change_source, change_weights

SHOWN = 5


@login_required
@require_http_methods(["GET", "POST"])
def priority(request: HttpRequest) -> HttpResponse:
    """Show the weights; POST tries them out on the queue (``do=preview``), replays the last months under them
    (``do=simulate``), or saves them."""
    user = cast(User, request.user)
    require(user, Permission.PRIORITY_EDIT)
    saved = PriorityWeights.objects.filter(pk=1).first() or PriorityWeights()
    form = WeightsForm(request.POST or None, instance=saved)
    if request.method == "POST" and form.is_valid() and request.POST.get("do") == "save":
        change_weights(by=user, **form.changes())
        messages.success(request, _("Saved. The queue is being scored anew."))
        return redirect("routing:priority")
    if request.method == "POST" and form.is_valid() and request.POST.get("do") == "simulate":
        asked = ask(by=user, months=int(form.cleaned_data["months"]), **form.changes())
        return redirect("routing:simulation", pk=asked.pk)
    is_tried = request.method == "POST" and form.is_valid()
    context = {
        "form": form,
        "sources": SourceImportance.objects.all(),
        "lines": top_of_queue(user, form.instance if is_tried else None),
        "is_tried": is_tried,
        "simulations": Simulation.objects.visible_to(user).select_related("asked_by").order_by("-pk")[:SHOWN],
        "section": "priority",
    }
    return render(request, "routing/priority.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET"])
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a replay is, and what came of it."""
    found = _simulation(request, pk)
    presented = present(found, cast(User, request.user)) if found.result else None
    context = {"simulation": found, "found": presented, "section": "priority"}
    return render(request, "routing/simulation.html", context)


@login_required
@require_http_methods(["POST"])
def stop_simulation(request: HttpRequest, pk: int) -> HttpResponse:
    stop(_simulation(request, pk), by=cast(User, request.user))
    return redirect("routing:simulation", pk=pk)


@login_required
@require_http_methods(["POST"])
def adopt_simulated(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the weights over that were tried."""
    adopt(_simulation(request, pk), by=cast(User, request.user))
    messages.success(request, _("Saved. The queue is being scored anew."))
    return redirect("routing:priority")


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


def _simulation(request: HttpRequest, pk: int) -> Simulation:
    """The replay, if this person may change weights and it is theirs. Raises NotAllowed or NotFound."""
    user = cast(User, request.user)
    require(user, Permission.PRIORITY_EDIT)
    found = Simulation.objects.visible_to(user).select_related("asked_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("not_found", _("There is nothing here that you may see."))
    return found
