"""The report as Markdown or HTML, in one language or one after the other."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from careloop.analytics.models import WeeklyReport
from careloop.analytics.suggesting import percent, problem_name

SCREEN_LANGUAGE = {"en": "en", "zh": "zh-hans"}


def markdown(report: WeeklyReport, languages: tuple[str, ...]) -> str:
    parts = (_rendered("analytics/weekly.md", report, language) for language in languages)
    return "\n---\n\n".join(part.strip() + "\n" for part in parts)


def html(report: WeeklyReport, languages: tuple[str, ...]) -> str:
    """A page of its own, without script or outside files: fit for sending by mail."""
    parts = [_rendered("analytics/_weekly_letter.html", report, language) for language in languages]
    return render_to_string("analytics/weekly_letter.html", {"parts": parts, "report": report})


def context(report: WeeklyReport, language: str) -> dict[str, Any]:
    """What the templates show, numbers already written out."""
    facts = report.facts
    return {
        "report": report,
        "language": language,
        "facts": facts,
        "volume_change": _arrow(facts["volume"]["change_percent"]),
        "response": _minutes(facts["response"]["calendar_minutes"]),
        "response_business": _minutes(facts["response"]["business_minutes"]),
        "resolution_rate": percent(facts["resolution"]["share"]),
        "resolution_target": percent(facts["targets"]["resolution_rate"]),
        "resolution_range": _range(facts["resolution"]),
        "satisfaction": percent(facts["satisfaction"]["share"]),
        "satisfaction_target": percent(facts["targets"]["satisfaction"]),
        "satisfaction_range": _range(facts["satisfaction"]),
        "mean_score": _number(facts["satisfaction"]["mean_score"]),
        "per_presence_hour": _number(facts["efficiency"]["per_presence_hour"]),
        "per_shift_hour": _number(facts["efficiency"]["per_shift_hour"]),
        "problems": [
            {**each, "name": problem_name(each["nature"], language), "change": _arrow(each["change_percent"])}
            for each in facts["problems"]
        ],
        "words": {part: text.splitlines() for part, text in report.words.get(language, {}).items()},
        "raw_words": report.words.get(language, {}),
    }


def _rendered(template: str, report: WeeklyReport, language: str) -> str:
    with translation.override(SCREEN_LANGUAGE[language]):
        return render_to_string(template, context(report, language))


def _arrow(change: float | None) -> str:
    if change is None:
        return "–"
    return f"{'↑' if change > 0 else '↓' if change < 0 else '→'}{abs(change):.0f}%"


def _minutes(found: dict[str, Any]) -> dict[str, str]:
    return {key: "–" if found[key] is None else f"{found[key]:.0f}" for key in ("mean", "median", "p90")} | {
        "n": str(found["n"])
    }


def _range(found: dict[str, Any]) -> str:
    return f"{found['low'] * 100:.0f}–{found['high'] * 100:.0f}%" if found["n"] else "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
