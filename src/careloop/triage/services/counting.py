"""Count answers and corrections by week, and warn once of a week that drifted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from careloop.common.events import record
from careloop.common.text import fold
from careloop.common.transaction import writes
from careloop.triage import events
from careloop.triage.drifting import judged_weeks
from careloop.triage.engine.heads import LANGUAGE
from careloop.triage.engine.learned import learned_model
from careloop.triage.engine.tokens import feature_names
from careloop.triage.models import Correction, CountedUpTo, Prediction, WeekOfAnswers
from careloop.triage.services.asking import BY_MACHINE

ROWS_A_STEP = 2_000
# Rows get their numbers before they are committed: what is younger may still have an elder on its way.
YOUNG = timedelta(minutes=5)
CHANNEL, UNKNOWN_WORDS = "channel", "unknown_words"
ONE_MESSAGE_IN = 5  # is looked at for unknown words
CHARACTERS_LOOKED_AT = 500


@dataclass
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    unsure: int = 0
    corrected: int = 0


Tallies = defaultdict[tuple[str, date], _Tally]


@writes
def count_step(now: datetime | None = None) -> bool:
    """Count the next answers and corrections into their weeks; whether there may be more. Each row counts once."""
    now = now or timezone.now()
    mark, _made = CountedUpTo.objects.select_for_update().get_or_create(pk=1)
    tallies: Tallies = defaultdict(_Tally)
    predictions = _count_predictions(mark, tallies, now)
    corrections = _count_corrections(mark, tallies, now)
    _add(tallies)
    mark.save()
    return max(predictions, corrections) == ROWS_A_STEP


@writes
def warn_of_drift(today: date | None = None) -> list[str]:
    """Record ``triage.drifted`` for the last whole week of each series that warns, once; returns the series."""
    today = today or timezone.localdate(timezone=_zone())
    last = today - timedelta(days=today.weekday() + 7)
    warned = []
    for series, weeks in judged_weeks(last).items():
        latest = weeks[-1]
        if latest.week == last and latest.judgement.is_warning and _claim_warning(series, last):
            told = {"series": series, "week": last.isoformat(), "index": latest.judgement.index,
                    "corrected_share": latest.judgement.corrected_share}  # fmt: skip
            record(events.DRIFTED, subject="series", data=told)
            warned.append(series)
    return warned


def _claim_warning(series: str, week: date) -> bool:
    rows = WeekOfAnswers.objects.filter(series=series, week=week, warned_at=None)
    return rows.update(warned_at=timezone.now()) == 1


def _count_predictions(mark: CountedUpTo, tallies: Tallies, now: datetime) -> int:
    rows = Prediction.objects.filter(pk__gt=mark.prediction).order_by("pk").values_list(
        "pk", "at", "head", "label", "source", "is_unsure", "conversation__channel", "message__text"
    )[:ROWS_A_STEP]  # fmt: skip
    count = 0
    for pk, at, head, label, source, is_unsure, channel, text in rows:
        if now - YOUNG < at <= now:
            break
        count, mark.prediction = count + 1, pk
        if source not in BY_MACHINE:
            continue
        week = _monday(at)
        tally = tallies[head, week]
        tally.counts[label] += 1
        tally.unsure += is_unsure
        if head == LANGUAGE:  # once a message
            tallies[CHANNEL, week].counts[channel] += 1
            if pk % ONE_MESSAGE_IN == 0 and text:
                tallies[UNKNOWN_WORDS, week].counts[_unknown(text)] += 1
    return count


def _count_corrections(mark: CountedUpTo, tallies: Tallies, now: datetime) -> int:
    rows = Correction.objects.filter(pk__gt=mark.correction).order_by("pk").values_list(
        "pk", "at", "prediction__head", "label", "prediction__label"
    )[:ROWS_A_STEP]  # fmt: skip
    count = 0
    for pk, at, head, label, predicted in rows:
        if now - YOUNG < at <= now:
            break
        count, mark.correction = count + 1, pk
        if label != predicted:
            tallies[head, _monday(at)].corrected += 1
    return count


def _add(tallies: Tallies) -> None:
    for (series, week), tally in tallies.items():
        row, _made = WeekOfAnswers.objects.get_or_create(series=series, week=week)
        row.counts = dict(Counter(row.counts) + tally.counts)
        row.unsure += tally.unsure
        row.corrected += tally.corrected
        row.save(update_fields=["counts", "unsure", "corrected"])


def _unknown(text: str) -> str:
    """In which tenth the share of words and pairs of words lies that the packaged table has never seen."""
    names = feature_names(fold(text[:CHARACTERS_LOOKED_AT]))
    known = learned_model().vocabulary
    share = sum(name not in known for name in names) / max(len(names), 1)
    return f"{min(int(share * 10), 9) * 10}"


def _monday(at: datetime) -> date:
    day = at.astimezone(_zone()).date()
    return day - timedelta(days=day.weekday())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def steps(now: datetime | None = None) -> Iterator[None]:
    """Count everything there is, one short transaction after the other."""
    while count_step(now):
        yield
