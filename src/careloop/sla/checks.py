"""What `careloop doctor` says of the laws that are switched on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from careloop.business_hours.models import Holiday
from careloop.common.checks import Finding
from careloop.sla.models import RegimeInUse
from careloop.sla.regimes import Regime, shipped_regimes

TOPIC = "legal deadlines"
AHEAD = timedelta(days=60)


def laws() -> Iterator[Finding]:
    """Which laws count, and what of them needs looking after."""
    rows = list(RegimeInUse.objects.select_related("calendar"))
    if not rows:
        yield Finding(TOPIC, "ok", "No law is switched on.")
        return
    yield Finding(TOPIC, "ok", f"Switched on: {', '.join(sorted({row.regime for row in rows}))}.")
    for row in rows:
        regime = shipped_regimes().get(row.regime)
        if regime is None:
            advice = "Switch it off, or put its row back into the data."
            yield Finding(TOPIC, "failure", f"{row.regime} is switched on and no longer ships.", advice)
        else:
            yield from _of(row, regime)


def _of(row: RegimeInUse, regime: Regime) -> Iterator[Finding]:
    if not regime.in_force(timezone.localdate()):
        yield Finding(TOPIC, "warning", f"{regime.id} does not hold today.", "Look for the rule that replaced it.")
    if regime.confidence == "U":
        yield Finding(TOPIC, "warning", f"{regime.id} is unconfirmed.", f"Have it looked at: {regime.cite}.")
    if _counts_business_days(regime):
        yield from _of_holidays(row, regime)


def _counts_business_days(regime: Regime) -> bool:
    terms = [regime.final, regime.acknowledge, *(each.term for each in regime.extensions)]
    return any(term is not None and term.unit == "bd" for term in terms)


def _of_holidays(row: RegimeInUse, regime: Regime) -> Iterator[Finding]:
    if row.calendar is None:
        sentence = f"{regime.id} counts business days without a calendar: holidays count, and it is due early."
        yield Finding(TOPIC, "warning", sentence, "Choose a calendar with the holidays of the place.")
    elif not Holiday.objects.filter(calendar=row.calendar, date__gt=timezone.localdate() + AHEAD).exists():
        sentence = f"{regime.id} counts on {row.calendar.slug}, which has no holiday after the next sixty days."
        yield Finding(TOPIC, "warning", sentence, "Add the holidays to come, and publish the calendar.")
