"""Two pages: questions without an article, and the register of improvements."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from careloop.accounts.guarding import colleague
from careloop.accounts.permissions import Permission, can, require
from careloop.common.errors import InvalidInput
from careloop.conversations.models import Conversation
from careloop.improvements.models import GroupedQuestion, Improvement, QuestionGroup, QuestionRun
from careloop.improvements.services import registering

if TYPE_CHECKING:
    from careloop.accounts.models import User

PAGE = 30
# One conversation alone is no question that many ask.
LEAST_ASKED = 2
EXAMPLES = 3


@require_safe
@colleague(Permission.REPORT_READ)
def questions(request: HttpRequest) -> HttpResponse:
    """The largest open groups of the latest window, each with a few conversations this person may see."""
    rows = list(
        QuestionGroup.objects.filter(state=QuestionGroup.State.OPEN, recent__gte=LEAST_ASKED)
        .order_by("-recent", "-pk")[:PAGE]
    )  # fmt: skip
    run = QuestionRun.objects.order_by("-pk").first()
    examples = _examples(rows, _person(request))
    lines = [
        {"group": row, "share": row.recent / run.asked_in_window if run and run.asked_in_window else None,
         "examples": examples.get(row.pk, [])}
        for row in rows
    ]  # fmt: skip
    context = {
        "lines": lines,
        "run": run,
        "section": "knowledge",
        "may_write": _may(request, Permission.KNOWLEDGE_WRITE),
    }
    return render(request, "improvements/questions.html", context)


@require_POST
@colleague(Permission.KNOWLEDGE_WRITE)
def aside(request: HttpRequest, pk: int) -> HttpResponse:
    registering.put_aside(_group(pk), by=_person(request))
    messages.success(request, _("Put aside."))
    return redirect("improvements:questions")


@require_POST
@colleague(Permission.KNOWLEDGE_WRITE)
def registration(request: HttpRequest, pk: int) -> HttpResponse:
    group = _group(pk)
    registering.propose(request.POST.get("title", "") or str(group), by=_person(request), question=group)
    messages.success(request, _("It stands in the register of improvements."))
    return redirect("improvements:register")


@require_http_methods(["GET", "HEAD", "POST"])
@colleague(Permission.REPORT_READ)
def register(request: HttpRequest) -> HttpResponse:
    """The register, newest first; POST proposes one without a question behind it."""
    if request.method == "POST":
        require(request.user, Permission.KNOWLEDGE_WRITE)
        registering.propose(request.POST.get("title", ""), by=_person(request))
        return redirect("improvements:register")
    before = request.GET.get("after", "")
    if before and not (before.isdecimal() and len(before) < 19):
        raise InvalidInput("bad_cursor", _("This page address is not valid. Start again from the first page."))
    found = Improvement.objects.visible_to(_person(request)).select_related("owner").prefetch_related("steps__by")
    rows = list(found.newest_first(int(before) if before else None)[: PAGE + 1])
    context = {
        "rows": rows[:PAGE], "after": rows[PAGE - 1].pk if len(rows) > PAGE else "", "section": "knowledge",
        "states": Improvement.State.choices, "may_write": _may(request, Permission.KNOWLEDGE_WRITE),
    }  # fmt: skip
    return render(request, "improvements/register.html", context)


@require_POST
@colleague(Permission.KNOWLEDGE_WRITE)
def state(request: HttpRequest, pk: int) -> HttpResponse:
    row = Improvement.objects.visible_to(_person(request)).filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    registering.move(row, to=request.POST.get("state", ""), by=_person(request), note=request.POST.get("note", ""))
    return redirect("improvements:register")


def _examples(groups: list[QuestionGroup], user: User) -> dict[int, list[Conversation]]:
    """The newest few of each group among the conversations this person may see. Two queries."""
    recent = GroupedQuestion.objects.filter(group__in=groups).order_by("-asked_at", "-pk")[: PAGE * 40]
    pairs = list(recent.values_list("group", "conversation"))
    seen = Conversation.objects.visible_to(user).in_bulk([conversation for _group, conversation in pairs])
    found: dict[int, list[Conversation]] = {}
    for group, conversation in pairs:
        if conversation in seen and len(found.setdefault(group, [])) < EXAMPLES:
            found[group].append(seen[conversation])
    return found


def _group(pk: int) -> QuestionGroup:
    row = QuestionGroup.objects.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    return row


def _may(request: HttpRequest, permission: Permission) -> bool:
    return bool(can(request.user, permission))


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
