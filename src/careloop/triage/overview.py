"""What the model pages show: one line a head, and one head with its versions, in a handful of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from careloop.triage.drifting import JudgedWeek, judged_weeks
from careloop.triage.labels import Name, head_name, label_name
from careloop.triage.models import ModelVersion, Prediction, TrainingRun
from careloop.triage.naming import SERIES, verdict_name
from careloop.triage.services.counting import CHANNEL, UNKNOWN_WORDS
from careloop.triage.services.learning import TRAINABLE
from careloop.triage.services.models_in_use import left_out

WEEKS_IN_A_LINE = 12
INPUTS = (CHANNEL, UNKNOWN_WORDS, "language")
VERSIONS_SHOWN = 50


@dataclass(frozen=True)
class Score:
    """An accuracy over n rows, as text and with its 95 % interval."""

    share: str
    low: str
    high: str
    n: int


@dataclass(frozen=True)
class Line:
    """One head: who answers, how well, from how many labels, what people corrected, whether something drifts."""

    head: str
    name: Name
    champion: ModelVersion | None
    challenger: ModelVersion | None
    labels: int
    score: Score | None
    corrected: list[float]
    latest: JudgedWeek | None
    run: TrainingRun | None
    is_left_out: bool = False  # the champion's file cannot be used, so the rules answer

    @property
    def spark(self) -> str:
        """The weekly shares of corrections as points of a line, 100 wide and 20 high."""
        return spark_points(self.corrected)

    @property
    def corrected_now(self) -> str:
        return percent(self.corrected[-1]) if self.corrected else ""


@dataclass(frozen=True)
class Input:
    """One series of what comes in, and whether its last whole week differs."""

    name: Name
    latest: JudgedWeek | None


def lines() -> list[Line]:
    """Every head that can be trained."""
    champions = {row.head: row for row in ModelVersion.objects.champions().with_standing()}
    challengers = {row.head: row for row in ModelVersion.objects.challengers().with_standing()}
    labels = _labels()
    weeks = judged_weeks(last_monday())
    broken = left_out(champions)
    runs = {run.head: run for run in TrainingRun.objects.filter(finished_at=None)}
    return [
        Line(
            head=head,
            name=head_name(head),
            champion=champions.get(head),
            challenger=challengers.get(head),
            labels=labels.get(head, 0),
            score=_score_of_answers(champions.get(head), challengers.get(head)),
            corrected=_corrected(weeks.get(head, [])),
            latest=_latest(weeks.get(head, [])),
            run=runs.get(head),
            is_left_out=head in champions and champions[head].version in broken,
        )
        for head in TRAINABLE
    ]


def inputs() -> list[Input]:
    """What comes in, apart from what we make of it."""
    weeks = judged_weeks(last_monday())
    return [Input(SERIES.get(series) or head_name(series), _latest(weeks.get(series, []))) for series in INPUTS]


def versions_of(head: str) -> list[ModelVersion]:
    """The latest versions, newest first."""
    return list(ModelVersion.objects.with_standing().filter(head=head).order_by("-pk")[:VERSIONS_SHOWN])


def comparison_shown(version: ModelVersion | None) -> dict[str, Any] | None:
    """What one version was measured against, ready to print; None when it was not."""
    comparison = version.comparison if version else None
    if version is None or comparison is None or not comparison.n:
        return None
    report = comparison.report
    low, high = report["difference_interval"]
    return {
        "row": comparison,
        "verdict": verdict_name(comparison.verdict),
        "is_better": comparison.verdict == "better",
        "champion": score_of(report["champion"], comparison.n),
        "challenger": score_of(report["challenger"], comparison.n),
        "champion_macro": f"{report['champion']['macro_f1']:.3f}",
        "challenger_macro": f"{report['challenger']['macro_f1']:.3f}",
        "difference": points(report["difference"]),
        "low": points(low),
        "high": points(high),
        "chance": _chance(report["p_value"]),
        "gained": report["gained"],
        "lost": report["lost"],
        "by_people": report["by_people"],
        "since": report["from"][:10],
        "until": report["until"][:10],
        "per_class": _per_class(version.head, report),
        "confusion": _confusion(version.head, report["challenger"]["confusion"]),
        "curve": [
            {
                "threshold": f"{point['threshold']:.2f}",
                "answered": percent(point["answered"]),
                "asked": percent(1 - point["answered"]),
                "accuracy": percent(point["accuracy"]),
            }
            for point in report["challenger"]["curve"][::2]
        ],
    }


def weeks_of(head: str) -> list[JudgedWeek]:
    """The weeks of one head, oldest first."""
    return judged_weeks(last_monday(), head).get(head, [])


def chart_of(weeks: list[JudgedWeek]) -> dict[str, Any] | None:
    """The weeks for the picture: shares corrected and unsure, in per cent. None without two weeks."""
    if len(weeks) < 2:
        return None
    return {
        "labels": [week.week.isoformat() for week in weeks],
        "series": [
            _series(_("corrected, %"), [week.judgement.corrected_share for week in weeks]),
            _series(_("unsure, %"), [week.unsure_share for week in weeks]),
        ],
    }


def labels_of(version: ModelVersion | None) -> list[dict[str, Any]]:
    """What a version learned, the commonest label first."""
    counts = sorted(version.classes.items(), key=lambda pair: -pair[1]) if version else []
    return [{"name": label_name(version.head, label), "n": n} for label, n in counts] if version else []


def score_of(scores: dict[str, Any], n: int) -> Score:
    low, high = scores["accuracy_interval"]
    return Score(percent(scores["accuracy"]), percent(low), percent(high), n)


def percent(share: float) -> str:
    """0.8734 as 87.3 %."""
    return f"{share * 100:.1f} %"


def points(share: float) -> str:
    """A difference in percentage points, with its sign."""
    return f"{share * 100:+.1f}".replace("-", "−")


def spark_points(shares: list[float]) -> str:
    if len(shares) < 2:
        return ""
    top = max(*shares, 0.05)
    step = 100 / (len(shares) - 1)
    return " ".join(f"{at * step:.1f},{18 - 16 * share / top:.1f}" for at, share in enumerate(shares))


def last_monday(today: date | None = None) -> date:
    """The Monday of the last whole week."""
    today = today or timezone.localdate(timezone=ZoneInfo(settings.TIME_ZONE))
    return today - timedelta(days=today.weekday() + 7)


def _labels() -> dict[str, int]:
    rows = Prediction.objects.current().said_by_people().values("head").annotate(n=Count("pk")).order_by("head")
    return dict(rows.values_list("head", "n"))


def _score_of_answers(champion: ModelVersion | None, challenger: ModelVersion | None) -> Score | None:
    """How well that answers which answers now: the champion when it was judged, or the rules beside a challenger."""
    version = champion or challenger
    comparison = version.comparison if version else None
    if comparison is None or not comparison.n:
        return None
    if champion is not None:
        return score_of(comparison.report["challenger"], comparison.n)
    return score_of(comparison.report["champion"], comparison.n) if comparison.champion_id is None else None


def _corrected(weeks: list[JudgedWeek]) -> list[float]:
    return [week.judgement.corrected_share or 0.0 for week in weeks[-WEEKS_IN_A_LINE:]]


def _latest(weeks: list[JudgedWeek]) -> JudgedWeek | None:
    return weeks[-1] if weeks else None


def _per_class(head: str, report: dict[str, Any]) -> list[dict[str, Any]]:
    old, new = report["champion"]["per_class"], report["challenger"]["per_class"]
    return [
        {
            "name": label_name(head, label),
            "support": scores["support"],
            "precision": percent(scores["precision"]),
            "recall": percent(scores["recall"]),
            "f1": f"{scores['f1']:.2f}",
            "f1_hundredths": round(scores["f1"] * 100),
            "f1_before": f"{old[label]['f1']:.2f}",
        }
        for label, scores in new.items()
    ]


def _confusion(head: str, confusion: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of true labels; each cell with its count and how dark it is drawn, 0 to 10 tenths of its row."""
    rows = []
    for at, (label, counts) in enumerate(zip(confusion["labels"], confusion["table"], strict=True)):
        total = sum(counts)
        cells = [
            {"count": count, "heat": round(10 * count / total) if total else 0, "is_right": column == at}
            for column, count in enumerate(counts)
        ]
        rows.append({"name": label_name(head, label), "number": at + 1, "cells": cells})
    return rows


def _chance(probability: float) -> str:
    return f"= {probability:.4f}" if probability >= 0.0001 else "< 0.0001"


def _series(name: str, shares: list[float | None]) -> dict[str, Any]:
    values = [None if share is None else round(share * 100, 2) for share in shares]
    return {"name": name, "kind": "line", "values": values}
