"""Keep the review queue worth a person's time: the worthiest questions of a day, and none for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.triage import events
from careloop.triage.doubts import SPLIT
from careloop.triage.engine.heads import CRISIS
from careloop.triage.models import ReviewItem

KEPT_FOR: Final = timedelta(days=14)
"""What nobody answered in two weeks teaches less than what came in since."""
ROWS_A_STATEMENT: Final = 500


@dataclass(frozen=True, slots=True)
class Open:
    """An open question, as far as its worth goes."""

    pk: int
    team: int | None
    at: datetime
    worth: int
    must_stay: bool = False


@writes
def trim(now: datetime | None = None) -> int:
    """Take questions off the queue that are not worth asking (:func:`surplus`); how many. What was answered stays.

    Records ``triage.reviews_trimmed`` when there were any. A later message that leaves the desk in doubt asks anew.
    """
    now = now or timezone.now()
    rows = ReviewItem.objects.open().values_list("pk", "team_id", "at", "worth", "asked")
    found = [Open(pk, team, at, worth, must_stay(asked)) for pk, team, at, worth, asked in rows.iterator()]
    gone = surplus(found, a_day=settings.CARELOOP_QUESTIONS_A_DAY, oldest=now - KEPT_FOR)
    for start in range(0, len(gone), ROWS_A_STATEMENT):
        ReviewItem.objects.open().filter(pk__in=gone[start : start + ROWS_A_STATEMENT]).update(is_open=False)
    if gone:
        record(events.REVIEWS_TRIMMED, subject="review_queue", data={"count": len(gone)}, at=now)
    return len(gone)


def must_stay(asked: Mapping[str, Mapping[str, Any]]) -> bool:
    """A sign of danger waits for a person however long it takes, and so does what a split left undecided."""
    return CRISIS in asked or any(question.get("why") == SPLIT for question in asked.values())


def surplus(found: Iterable[Open], *, a_day: int, oldest: datetime) -> list[int]:
    """What is older than ``oldest``, and of each team and day all but the ``a_day`` worthiest; newer ones before older.

    What must stay stays, and takes no other question's place.
    """
    by_day: dict[tuple[int | None, date], list[Open]] = defaultdict(list)
    gone: list[int] = []
    for each in found:
        if each.must_stay:
            continue
        if each.at < oldest:
            gone.append(each.pk)
        else:
            by_day[each.team, timezone.localtime(each.at).date()].append(each)
    for day in by_day.values():
        gone += _least_worthy(day, a_day)
    return gone


def _least_worthy(day: Collection[Open], a_day: int) -> list[int]:
    ordered = sorted(day, key=lambda each: (-each.worth, -each.pk))
    return [each.pk for each in ordered[a_day:]]
