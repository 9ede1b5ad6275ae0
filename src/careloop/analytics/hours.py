"""The T of E = N / T: hours recorded at the desk, and hours on the roster. Both are shown; they differ."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from careloop.accounts.models import Presence, Shift


def presence_hours(start: datetime, end: datetime) -> float:
    """Hours that people were recorded online between the two moments, not counting the future."""
    rows = (
        Presence.objects.filter(state=Presence.State.ONLINE, since__lt=end)
        .filter(Q(until=None) | Q(until__gt=start))
        .values_list("since", "until")
    )
    now = timezone.now()
    return sum(_overlap_hours(since, until or now, start, min(end, now)) for since, until in rows)


def shift_hours(start: datetime, end: datetime) -> float:
    """Hours that people were rostered for between the two moments."""
    rows = Shift.objects.filter(starts_at__lt=end, ends_at__gt=start).values_list("starts_at", "ends_at")
    return sum(_overlap_hours(starts, ends, start, end) for starts, ends in rows)


def _overlap_hours(since: datetime, until: datetime, start: datetime, end: datetime) -> float:
    return max(0.0, (min(until, end) - max(since, start)).total_seconds()) / 3600
