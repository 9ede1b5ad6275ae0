"""The weekly report on the desk."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from careloop.accounts.models import User
from careloop.accounts.permissions import Permission, can, require
from careloop.analytics.models import WeeklyReport
from careloop.analytics.rendering import context
from careloop.analytics.services import reports
from careloop.analytics.weeks import NoSuchWeek, Week, read_week, week_of
from careloop.common.errors import NotFound

LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


@login_required
def latest(request: HttpRequest) -> HttpResponse:
    """The last whole week is what people want to read."""
    return redirect("analytics:week", str(_this_week().before()))


@login_required
@require_http_methods(["GET", "POST"])
def weekly(request: HttpRequest, week: str) -> HttpResponse:
    user = cast(User, request.user)
    require(user, Permission.REPORT_READ)
    chosen = _week(week)
    report = reports.make(chosen, _zone())
    if request.method == "POST":
        return _change(request, report, user)
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return render(request, "analytics/weekly_page.html", context(report, language) | _page(chosen, report, user))


def _change(request: HttpRequest, report: WeeklyReport, user: User) -> HttpResponse:
    words = {
        language: {part: request.POST.get(f"{language}-{part}", "") for part in reports.PARTS}
        for language in LANGUAGE_NAMES
    }
    reports.edit(report, words, by=user)
    if request.POST.get("do") == "publish":
        reports.publish(report, by=user)
    return redirect("analytics:week", report.week)


def _page(week: Week, report: WeeklyReport, user: User) -> dict[str, Any]:
    following = week_of(week.sunday.fromordinal(week.sunday.toordinal() + 1))
    is_past = following.monday <= timezone.localdate()
    return {
        "previous_week": str(week.before()),
        "next_week": str(following) if is_past else "",
        "section": "reports",
        "may_edit": bool(can(user, Permission.REPORT_PUBLISH)) and not report.is_published,
        "editable": [
            {"code": code, "name": name, "words": report.words.get(code, {})} for code, name in LANGUAGE_NAMES.items()
        ],
    }


def _week(text: str) -> Week:
    try:
        week = read_week(text)
    except NoSuchWeek:
        raise NotFound("no_such_week", _("There is no such week.")) from None
    if week.monday > timezone.localdate():
        raise NotFound("week_to_come", _("This week has not begun yet."))
    return week


def _this_week() -> Week:
    return week_of(timezone.localdate(timezone=_zone()))


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
