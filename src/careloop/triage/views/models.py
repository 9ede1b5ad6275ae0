"""The model pages: what answers each head and how well, and the decisions of administrators."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from careloop.accounts.models import User
from careloop.accounts.permissions import Permission, can, require
from careloop.common.errors import InvalidInput, NotFound
from careloop.triage import overview
from careloop.triage.labels import head_name
from careloop.triage.models import ModelVersion, TrainingRun
from careloop.triage.services import model_files
from careloop.triage.services.asking import set_threshold
from careloop.triage.services.learning import TRAINABLE
from careloop.triage.services.promoting import champion_standing, promote, roll_back
from careloop.triage.services.training import ask_for_training, stop_training
from careloop.triage.thresholds import threshold_of

SECTION = "models"


@login_required
@require_http_methods(["GET"])
def models(request: HttpRequest) -> HttpResponse:
    """Every head in one list."""
    require(cast(User, request.user), Permission.MODEL_READ)
    context = {"lines": overview.lines(), "inputs": overview.inputs(), "section": SECTION}
    return render(request, "triage/models.html", context)


@login_required
@require_http_methods(["GET"])
def head(request: HttpRequest, head: str) -> HttpResponse:
    """One head: who answers, its versions, and one of them (``?version=``) beside what it was compared with."""
    user = cast(User, request.user)
    require(user, Permission.MODEL_READ)
    _known(head)
    versions = overview.versions_of(head)
    shown = _shown(versions, request.GET.get("version", ""))
    standing = champion_standing(head)
    weeks = overview.weeks_of(head)
    context = {
        "head": head,
        "name": head_name(head),
        "champion": standing,
        "fault": model_files.fault_of(standing.version.version) if standing else "",
        "versions": versions,
        "shown": shown,
        "comparison": overview.comparison_shown(shown),
        "runs": list(TrainingRun.objects.filter(head=head).select_related("asked_by").order_by("-pk")[:5]),
        "labels_shown": overview.labels_of(shown),
        "chart": overview.chart_of(weeks),
        "chart_weeks": weeks[::-1],
        "threshold": threshold_of(head),
        "may_decide": bool(can(user, Permission.MODEL_PROMOTE)),
        "section": SECTION,
    }
    return render(request, "triage/head.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def training(request: HttpRequest, head: str) -> HttpResponse:
    """The training of a head: GET the part that says how it stands, POST starts it or (``do=stop``) stops it."""
    user = cast(User, request.user)
    require(user, Permission.MODEL_READ)
    _known(head)
    run = TrainingRun.objects.filter(head=head, finished_at=None).first()
    if request.method == "GET":
        return _progress(request, head, run, may_decide=bool(can(user, Permission.MODEL_PROMOTE)))
    if request.POST.get("do") != "stop":
        ask_for_training(head, by=user)
        messages.success(request, _("Training has been ordered; this page follows it."))
    elif run is not None:
        stop_training(run, by=user)
        messages.success(request, _("Training is being stopped."))
    return redirect("triage:head", head)


@login_required
@require_http_methods(["POST"])
def champion(request: HttpRequest, head: str) -> HttpResponse:
    """Who answers: promote ``version``, or (``do=rollback``) go back to what answered before."""
    user = cast(User, request.user)
    require(user, Permission.MODEL_PROMOTE)
    _known(head)
    if request.POST.get("do") == "rollback":
        standing = roll_back(head, by=user)
        now = standing.version.version if standing else _("the rules alone")
        messages.success(request, _("Rolled back. From now on it is answered by: %(who)s.") % {"who": now})
    else:
        version = ModelVersion.objects.filter(head=head, version=request.POST.get("version", "")).first()
        if version is None:
            raise NotFound("no_such_version", _("There is no such version of this head."))
        promote(version, by=user)
        messages.success(request, _("Promoted. From now on it is answered by: %(who)s.") % {"who": version.version})
    return redirect("triage:head", head)


@login_required
@require_http_methods(["POST"])
def threshold(request: HttpRequest, head: str) -> HttpResponse:
    """Below what confidence a person is asked."""
    user = cast(User, request.user)
    require(user, Permission.MODEL_PROMOTE)
    _known(head)
    try:
        number = float(request.POST.get("unsure_below", "").replace(",", "."))
    except ValueError:
        raise InvalidInput("bad_threshold", _("Give a threshold from 0 to 1.")) from None
    set_threshold(head, number, by=user)
    messages.success(request, _("Saved. What is believed already is being marked anew."))
    return redirect("triage:head", head)


def _progress(request: HttpRequest, head: str, run: TrainingRun | None, *, may_decide: bool) -> HttpResponse:
    """The part that asks for itself while a training runs; the page is read anew when it ended or broke off."""
    if run is None or run.is_broken_off:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "triage/_training.html", {"head": head, "run": run, "may_decide": may_decide})


def _shown(versions: list[ModelVersion], asked: str) -> ModelVersion | None:
    """The version asked for, else the challenger that waits, else the champion, else the newest."""
    by_state = {row.standing.state: row for row in reversed(versions) if row.standing}
    newest = versions[0] if versions else None
    usual = by_state.get("challenger") or by_state.get("champion") or newest
    return next((row for row in versions if row.version == asked), usual)


def _known(head: str) -> None:
    if head not in TRAINABLE:
        raise NotFound("no_such_head", _("There is no such head."))
