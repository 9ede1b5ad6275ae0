"""The numbers of one week, each with the rows behind it (definitions: domain 3).

Volume counts conversations begun in the week. Response times count turns answered in the week; turns still
waiting are shown beside them, never dropped. The resolution rate is of the conversations begun in the week, as
things stand at ``as_of``. Side threads waiting for review and merged threads are left out everywhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from careloop.analytics.arithmetic import change_percent, per_hour, summary
from careloop.analytics.hours import presence_hours, shift_hours
from careloop.analytics.models import Interval
from careloop.analytics.weeks import Week
from careloop.conversations.models import Conversation, Resolution
from careloop.customers.models import Order
from careloop.surveys.arithmetic import Share, wilson
from careloop.surveys.models import SurveyAnswer
from careloop.surveys.services.reading import statistics
from careloop.triage.models import Prediction

FORMULAS = "1"
TARGETS = {"response_minutes": 60, "resolution_rate": 0.95, "satisfaction": 0.90}
TOP = 3


def week_facts(week: Week, zone: tzinfo) -> dict[str, Any]:
    """Everything the report tells of a week, as plain JSON values."""
    start, end = week.bounds(zone)
    earlier, _ = week.before().bounds(zone)
    return {
        "week": str(week),
        "first_day": week.monday.isoformat(),
        "last_day": week.sunday.isoformat(),
        "zone": str(zone),
        "as_of": timezone.now().isoformat(),
        "formulas": FORMULAS,
        "targets": TARGETS,
        "volume": _volume(start, end, earlier),
        "response": _durations(Interval.Kind.RESPONSE, start, end) | {"waiting": _waiting(end)},
        "first_response": _durations(Interval.Kind.FIRST_RESPONSE, start, end),
        "resolution": _resolution(start, end),
        "resolution_time": _durations(Interval.Kind.RESOLUTION, start, end),
        "satisfaction": _satisfaction(start, end),
        "complaints": _complaints(start, end),
        "problems": _problems(start, end, earlier),
        "causes": _causes(start, end),
        "efficiency": _efficiency(start, end),
        "case": _excellent_case(start, end),
    }


def begun(start: datetime, end: datetime) -> QuerySet[Conversation]:
    return Conversation.objects.filter(created_at__gte=start, created_at__lt=end, needs_review=False, merged_into=None)


def _volume(start: datetime, end: datetime, earlier: datetime) -> dict[str, Any]:
    n, previous = begun(start, end).count(), begun(earlier, start).count()
    return {"n": n, "previous": previous, "change_percent": change_percent(n, previous)}


def _durations(kind: str, start: datetime, end: datetime) -> dict[str, Any]:
    rows = list(
        Interval.objects.filter(kind=kind, ended_at__gte=start, ended_at__lt=end).values_list(
            "seconds", "business_seconds"
        )
    )
    return {
        "calendar_minutes": summary([seconds / 60 for seconds, _ in rows]).as_dict(),
        "business_minutes": summary([seconds / 60 for _, seconds in rows]).as_dict(),
    }


def _waiting(end: datetime) -> dict[str, Any]:
    """Turns nobody has answered yet, as things stand now: at least this many, at least this long."""
    moment = min(end, timezone.now())
    found = Conversation.objects.unanswered().filter(waiting_since__lt=moment)
    counted = found.aggregate(n=Count("waiting_since"), oldest=Min("waiting_since"))
    longest = (moment - counted["oldest"]).total_seconds() / 60 if counted["oldest"] else None
    return {"n": counted["n"], "longest_minutes": longest}


def _resolution(start: datetime, end: datetime) -> dict[str, Any]:
    rows = begun(start, end)
    solved = rows.filter(state="resolved").count()
    reopened = Resolution.objects.filter(conversation__in=rows, reopened_at__isnull=False)
    return _share(wilson(solved, rows.count())) | {"reopened": reopened.values("conversation").distinct().count()}


def _satisfaction(start: datetime, end: datetime) -> dict[str, Any]:
    found = statistics(start, end)
    return _share(found.top_two) | {
        "asked": found.asked,
        "response_rate": found.response_rate.share,
        "mean_score": found.mean_score,
        "distribution": {str(score): n for score, n in found.overall.items()},
    }


def _complaints(start: datetime, end: datetime) -> dict[str, Any]:
    """Complaints per order placed in the same week: exposure, not tickets."""
    n = begun(start, end).filter(kind="complaint").count()
    orders = Order.objects.filter(placed_at__gte=start, placed_at__lt=end).count()
    return {"n": n, "orders": orders, "rate": n / orders if orders else None}


def _problems(start: datetime, end: datetime, earlier: datetime) -> list[dict[str, Any]]:
    """The most frequent natures among what began in the week, with last week's count."""
    now, before = _natures(start, end), _natures(earlier, start)
    total = sum(now.values())
    return [
        {
            "nature": nature, "n": n, "previous": before[nature], "share": n / total,
            "change_percent": change_percent(n, before[nature]),
        }
        for nature, n in sorted(now.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]
    ]  # fmt: skip


NOT_PROBLEMS = frozenset({"praise", "suggestion", "other", "courtesy"})


def _natures(start: datetime, end: datetime) -> Counter[str]:
    """One nature a conversation: its latest."""
    rows = (
        Prediction.objects.filter(conversation__in=begun(start, end), head="nature", is_current=True)
        .order_by("pk")
        .values_list("conversation_id", "label")
    )
    latest = dict(rows)
    return Counter(label for label in latest.values() if label not in NOT_PROBLEMS)


def _causes(start: datetime, end: datetime) -> dict[str, int]:
    rows = Resolution.objects.filter(at__gte=start, at__lt=end, reopened_at=None).exclude(note="imported")
    return dict(sorted(Counter(rows.values_list("cause", flat=True)).items()))


def _efficiency(start: datetime, end: datetime) -> dict[str, Any]:
    handled = (
        Resolution.objects.filter(at__gte=start, at__lt=end, by__isnull=False).values("conversation").distinct().count()
    )
    present, rostered = presence_hours(start, end), shift_hours(start, end)
    return {
        "handled": handled,
        "presence_hours": round(present, 2),
        "shift_hours": round(rostered, 2),
        "per_presence_hour": per_hour(handled, present),
        "per_shift_hour": per_hour(handled, rostered),
    }


def _excellent_case(start: datetime, end: datetime) -> dict[str, Any] | None:
    """Answered in the week with 5 overall; complaints before others, then the higher mean score, then the
    quicker solution, then the older conversation. The report prints this rule."""
    answers = (
        SurveyAnswer.objects.filter(at__gte=start, at__lt=end, c3_overall=5, solved=True)
        .select_related("survey__conversation", "survey__conversation__assignee", "survey__resolution")
        .order_by("pk")
    )
    best = min(answers, key=_rank, default=None)
    if best is None:
        return None
    conversation = best.survey.conversation
    return {
        "reference": conversation.reference,
        "kind": conversation.kind,
        "scores": [best.c1_speed, best.c2_result, best.c3_overall],
        "hours_to_solution": round((best.survey.resolution.at - conversation.created_at).total_seconds() / 3600, 1),
        "agent": str(conversation.assignee or ""),
        "comment": best.comment[:300],
    }


def _rank(given: SurveyAnswer) -> tuple[bool, float, float, int]:
    conversation = given.survey.conversation
    took = (given.survey.resolution.at - conversation.created_at).total_seconds()
    return conversation.kind != "complaint", -sum(given.scores), took, conversation.pk


def _share(found: Share) -> dict[str, Any]:
    return {key: value for key, value in asdict(found).items() if key != "hits"} | {
        "hits": found.hits,
        "share": found.share,
    }
