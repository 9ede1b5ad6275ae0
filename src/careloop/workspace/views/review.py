"""The review queue: one conversation beside its questions, answered with single keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from careloop.accounts.permissions import Permission
from careloop.common.errors import Conflict
from careloop.common.http import is_partial
from careloop.conversations.models.conversation import FIRST_NUMBER
from careloop.triage.models import Prediction, ReviewItem
from careloop.triage.services import reviewing
from careloop.workspace import pane
from careloop.workspace.access import conversation_of, desk, may, person
from careloop.workspace.drawing import answer
from careloop.workspace.reads import note
from careloop.workspace.reviewing import chosen_of, forget_count, progress_of, questions_of, rest_until_midnight

Said = str
Action = Callable[..., Said]


@require_safe
@desk
@may(Permission.TRIAGE_CORRECT)
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """The next question for this person, claimed for a few minutes; ``?prediction=`` moves within it."""
    return _show(request)


def _acting(action: Action) -> Callable[..., HttpResponse]:
    """The door of every answer: what follows is the next question, whether this one came too late or not."""

    @require_POST
    @desk
    @may(Permission.TRIAGE_CORRECT)
    @wraps(action)
    def view(request: HttpRequest, **numbers: int) -> HttpResponse:
        level = "success"
        try:
            said = action(request, **numbers)
        except Conflict as problem:
            said, level = str(problem), "warning"
        forget_count(person(request))
        if is_partial(request):
            return _show(request, said, level)
        if said:
            messages.add_message(request, messages.SUCCESS if level == "success" else messages.WARNING, said)
        return redirect("workspace:triage_review")

    return view


@_acting
def answers(request: HttpRequest, pk: int) -> Said:
    """The label chosen for one prediction."""
    item = _item(request, pk)
    wanted = request.POST.get("prediction", "")
    row = Prediction.objects.filter(pk=_number(wanted), conversation=item.conversation_id).first()
    if row is None:
        raise Http404
    reviewing.answer(item, row, request.POST.get("label", ""), by=person(request))
    return ""


@_acting
def skips(request: HttpRequest, pk: int) -> Said:
    """Leave it to others."""
    reviewing.skip(_item(request, pk), by=person(request))
    return ""


@_acting
def withdrawals(request: HttpRequest) -> Said:
    """Take the last answer back."""
    reviewing.take_back(by=person(request))
    return _("Your last answer is taken back.")


def _show(request: HttpRequest, said: Said = "", level: str = "success") -> HttpResponse:
    user = person(request)
    item = reviewing.claim_next(user)
    progress = progress_of(user)
    if progress.is_a_day:
        rest_until_midnight(user)
    context: dict[str, Any] = {"item": item, "progress": progress, "section": "review"}
    if item is not None:
        conversation = conversation_of(request, FIRST_NUMBER + item.conversation_id)
        note(request, conversation)
        questions = questions_of(item)
        chosen = chosen_of(questions, request.GET.get("prediction", ""))
        context |= {**pane.messages(request, conversation), "questions": questions, "chosen": chosen}
    if not is_partial(request):
        return render(request, "workspace/review.html", context)
    response = answer(request, "review.html", context)
    if said:
        response.headers["HX-Trigger"] = json.dumps({"toast": {"text": said, "level": level}})
    return response


def _item(request: HttpRequest, pk: int) -> ReviewItem:
    """404 for one that is not there and for one of another team alike."""
    rows = ReviewItem.objects.visible_to(person(request)).select_related("conversation")
    item = rows.filter(pk=pk).first() if pk < 2**63 else None
    if item is None:
        raise Http404
    return item


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0
