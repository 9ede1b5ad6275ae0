"""The list of follow-ups, and one of them: ask the customer, or say why not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from careloop.accounts.permissions import Permission, require
from careloop.care.models import FollowUp, FollowUpQuerySet
from careloop.care.services import closing
from careloop.common.cursors import read_cursor, write_cursor
from careloop.common.errors import CareloopError, InvalidInput
from careloop.conversations.services.mentioning import colleagues_of
from careloop.quality.engine import check_by_id

if TYPE_CHECKING:
    from careloop.accounts.models import User

PAGE = 30
VIEWS = (("mine", gettext_lazy("Mine")), ("team", gettext_lazy("Whole team")), ("closed", gettext_lazy("Closed")))

Action = Callable[[HttpRequest, FollowUp], str]


@require_safe
@login_required
def follow_ups(request: HttpRequest) -> HttpResponse:
    """Open ones by due time, closed ones by when they were closed; thirty at a time."""
    view = request.GET.get("view", "mine")
    view = view if view in dict(VIEWS) else "mine"
    rows = list(_rows(request, view)[: PAGE + 1])
    context = {"views": VIEWS, "view": view, "rows": rows[:PAGE], "after": _after(rows, view), "section": "follow_ups"}
    return render(request, "care/follow_ups.html", context)


@require_safe
@login_required
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _found(request, pk))


def _acting(action: Action) -> Callable[..., HttpResponse]:
    """The door of every change: signed in, of the team, allowed to answer; what fails comes back with its text."""

    @require_POST
    @login_required
    @wraps(action)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        row = _found(request, pk)
        require(_person(request), Permission.CONVERSATION_REPLY)
        try:
            said = action(request, row)
        except CareloopError as problem:
            return _show(request, row, problem)
        messages.success(request, said)
        return redirect("care:follow_ups") if not row.is_open else redirect("care:follow_up", pk=pk)

    return view


@_acting
def done(request: HttpRequest, row: FollowUp) -> str:
    closing.done(row, by=_person(request), note=request.POST.get("note", ""))
    row.refresh_from_db()
    return _("Done. Thank you for asking.")


@_acting
def skip(request: HttpRequest, row: FollowUp) -> str:
    closing.skip(row, by=_person(request), reason=request.POST.get("reason", ""))
    row.refresh_from_db()
    return _("Skipped; your reason is kept.")


@_acting
def draft(request: HttpRequest, row: FollowUp) -> str:
    closing.keep_draft(row, text=request.POST.get("text", ""))
    return _("Draft kept.")


@_acting
def reply(request: HttpRequest, row: FollowUp) -> str:
    closing.send(
        row,
        by=_person(request),
        text=request.POST.get("text", ""),
        override_reason=request.POST.get("override_reason", ""),
    )
    row.refresh_from_db()
    return _("Sent to the customer, and done.")


@_acting
def owner(request: HttpRequest, row: FollowUp) -> str:
    """Give it to a colleague who may see the conversation."""
    require(_person(request), Permission.CONVERSATION_ASSIGN)
    chosen = request.POST.get("owner", "")
    found = colleagues_of(row.conversation).filter(pk=int(chosen)).first() if _is_key(chosen) else None
    if found is None:
        raise InvalidInput("owner_unknown", _("Choose a colleague who may see this conversation."))
    closing.give(row, to=found, by=_person(request))
    row.refresh_from_db()
    return _("%(who)s asks the customer now.") % {"who": found}


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _rows(request: HttpRequest, view: str) -> FollowUpQuerySet:
    person, after = _person(request), read_cursor(request.GET.get("after", ""))
    rows = FollowUp.objects.visible_to(person).for_list()
    if view == "closed":
        return rows.closed().latest_closed_first(after)
    rows = rows.open().soonest_first(after)
    return rows.owned_by(person) if view == "mine" else rows


def _after(rows: list[FollowUp], view: str) -> str:
    if len(rows) <= PAGE:
        return ""
    last = rows[PAGE - 1]
    moment = last.closed_at if view == "closed" else last.due_at
    return write_cursor(moment, last.pk) if moment is not None else ""


def _found(request: HttpRequest, pk: int) -> FollowUp:
    """404 for one that is not there and for one of another team alike."""
    row = FollowUp.objects.visible_to(request.user).for_list().filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    return row


def _show(request: HttpRequest, row: FollowUp, problem: CareloopError | None = None) -> HttpResponse:
    """The page; after a problem with what was typed, the reason, and the checks' findings where there are any."""
    details: dict[str, Any] = problem.data if problem is not None else {}
    context = {
        "row": row,
        "conversation": row.conversation,
        "text": request.POST.get("text", row.draft),
        "reason": request.POST.get("reason", ""),
        "problem": problem,
        "findings": [_remark(each) for each in details.get("findings", [])],
        "is_blocked": problem is not None and problem.code == "reply_blocked",
        "section": "follow_ups",
        "colleagues": colleagues_of(row.conversation) if row.is_open else [],
    }
    return render(request, "care/follow_up.html", context, status=problem.status if problem is not None else 200)


def _remark(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding as a person reads it; the engine marks its names for translation in its own room."""
    asked = check_by_id(finding["check"])
    return {**finding, "name": _(asked.name), "asks_for": _(asked.description)}


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
