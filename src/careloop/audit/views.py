"""The list of reads of sensitive conversations, for leads and administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from careloop.accounts.permissions import Permission, require
from careloop.audit.models import SensitiveRead, SensitiveReadQuerySet
from careloop.audit.sensitive import CRISIS, MARKED
from careloop.common.cursors import read_cursor, write_cursor
from careloop.conversations.models import Conversation
from careloop.triage.labels import label_name

if TYPE_CHECKING:
    from careloop.accounts.models import User

PAGE = 50


@require_safe
@login_required
@never_cache
def reads(request: HttpRequest) -> HttpResponse:
    """Newest first, fifty at a time; of one conversation (``?conversation=CL-1042``) or one person."""
    user = cast("User", request.user)
    require(user, Permission.AUDIT_READ)
    query = request.GET.get("conversation", "").strip()[:40]
    person = request.GET.get("person", "")
    person = person if person.isdecimal() and person.isascii() and len(person) < 19 else ""
    after = request.GET.get("after", "")
    rows = list(_found(user, query, person).newest_first(read_cursor(after))[: PAGE + 1])
    shown = rows[:PAGE]
    context = {
        "lines": [_line(row) for row in shown],
        "query": query,
        "person": person,
        "after": write_cursor(shown[-1].at, shown[-1].pk) if len(rows) > PAGE else "",
        "section": "audit",
    }
    return render(request, "audit/reads.html", context)


def _found(user: User, query: str, person: str) -> SensitiveReadQuerySet:
    rows = SensitiveRead.objects.visible_to(user)
    if query:
        rows = rows.filter(conversation_id__in=Conversation.objects.visible_to(user).numbered(query).values("pk"))
    return rows.by_person(int(person)) if person else rows


def _line(row: SensitiveRead) -> dict[str, Any]:
    return {"row": row, "signals": [_signal(code) for code in row.signals]}


def _signal(code: str) -> object:
    return _("Marked as a danger") if code == MARKED else label_name(CRISIS, code)
