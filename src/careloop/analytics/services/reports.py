"""Make, edit and publish the weekly report."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.analytics import events
from careloop.analytics.facts import week_facts
from careloop.analytics.models import WeeklyReport
from careloop.analytics.suggesting import LANGUAGES, words_for
from careloop.analytics.weeks import Week
from careloop.common.errors import Conflict
from careloop.common.events import record
from careloop.common.transaction import write

if TYPE_CHECKING:
    from careloop.accounts.models import User

PARTS = ("suggestions", "case", "focus")
LONGEST_PART = 10_000


def draft(week: Week, zone: tzinfo) -> WeeklyReport:
    """The report as the numbers say it now; not stored."""
    facts = week_facts(week, zone)
    return WeeklyReport(week=str(week), facts=facts, words=words_for(facts), made_at=timezone.now())


def make(week: Week, zone: tzinfo) -> WeeklyReport:
    """The stored report of the week. The numbers of an unpublished one are counted anew, edited words stay.

    A published report is never changed. Records ``report.made`` the first time.
    """
    stored = WeeklyReport.objects.filter(week=str(week)).first()
    if stored is not None and stored.is_published:
        return stored
    fresh = draft(week, zone)
    with write():
        if stored is None:
            fresh.save()
            record(events.REPORT_MADE, subject="weekly_report", subject_id=fresh.pk, data={"week": str(week)})
            return fresh
        stored.facts, stored.made_at = fresh.facts, fresh.made_at
        if stored.edited_by is None:
            stored.words = fresh.words
        stored.save()
    return stored


def edit(report: WeeklyReport, words: dict[str, dict[str, str]], *, by: User) -> WeeklyReport:
    """Put the lead's own words into the report. Records ``report.edited``.

    Raises :class:`NotAllowed` unless the person may publish, :class:`Conflict` after publication.
    """
    require(by, Permission.REPORT_PUBLISH)
    _check_unpublished(report)
    with write():
        report.words = {
            language: {part: words.get(language, {}).get(part, "")[:LONGEST_PART] for part in PARTS}
            for language in LANGUAGES
        }
        report.edited_by = by
        report.save(update_fields=["words", "edited_by"])
        record(events.REPORT_EDITED, by=by, subject="weekly_report", subject_id=report.pk)
    return report


def publish(report: WeeklyReport, *, by: User) -> WeeklyReport:
    """From now on this is what was said of the week. Records ``report.published``."""
    require(by, Permission.REPORT_PUBLISH)
    _check_unpublished(report)
    with write():
        changed = WeeklyReport.objects.filter(pk=report.pk, published_at=None).update(
            published_at=timezone.now(), published_by=by
        )
        if changed:
            record(events.REPORT_PUBLISHED, by=by, subject="weekly_report", subject_id=report.pk)
    report.refresh_from_db()
    return report


def _check_unpublished(report: WeeklyReport) -> None:
    if report.is_published:
        raise Conflict("report_published", _("This report is published and stays as it is."))


def as_json(report: WeeklyReport) -> dict[str, Any]:
    """The report for programs: numbers and words in every language."""
    return {
        **report.facts,
        "words": report.words,
        "made_at": report.made_at.isoformat(),
        "published_at": report.published_at.isoformat() if report.published_at else None,
    }
