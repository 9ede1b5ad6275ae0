"""The weeks of each series, each judged against the weeks before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from careloop.triage.engine.drift import WEEKS_BEFORE, Judgement, Week, judge
from careloop.triage.models import WeekOfAnswers

WEEKS_SHOWN = 26


@dataclass(frozen=True)
class JudgedWeek:
    week: date
    n: int
    unsure: int
    corrected: int
    judgement: Judgement

    @property
    def unsure_share(self) -> float | None:
        return self.unsure / self.n if self.n else None


def judged_weeks(until: date, series: str = "") -> dict[str, list[JudgedWeek]]:
    """The latest weeks up to one (its Monday), oldest first, of every series or of one; in one query."""
    since = until - timedelta(weeks=WEEKS_SHOWN + WEEKS_BEFORE)
    rows = WeekOfAnswers.objects.filter(week__gt=since, week__lte=until).order_by("series", "week")
    by_series: dict[str, list[WeekOfAnswers]] = defaultdict(list)
    for row in rows.filter(series=series) if series else rows:
        by_series[row.series].append(row)
    return {name: _judged(weeks, until) for name, weeks in by_series.items()}


def _judged(rows: list[WeekOfAnswers], until: date) -> list[JudgedWeek]:
    weeks = [Week(row.counts, row.corrected) for row in rows]
    first = until - timedelta(weeks=WEEKS_SHOWN)
    return [
        JudgedWeek(row.week, week.n, row.unsure, row.corrected, judge(week, weeks[:at]))
        for at, (row, week) in enumerate(zip(rows, weeks, strict=True))
        if row.week > first
    ] or [JudgedWeek(rows[-1].week, weeks[-1].n, rows[-1].unsure, rows[-1].corrected, judge(weeks[-1], weeks[:-1]))]
