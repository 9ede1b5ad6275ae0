"""Where a customer's purchases of twelve months stand among all: how lately, how often, for how much.

The scales are learned every night from everybody; where one customer stands is read off them, every night and as soon
as an order comes. Amounts in different currencies are never added up: each is compared with what others pay in that
currency, and the best place counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Case, FloatField, Value, When
from django.utils import timezone

from careloop.common.courtesy import courtesy
from careloop.common.events import record
from careloop.common.transaction import write, writes
from careloop.customers import events
from careloop.customers.engine.scale import Scale
from careloop.customers.models import Customer, Order, StandingScale

NOT_BOUGHT: Final = ("cancelled", "refunded")
"""States of an order that is no purchase: nothing was kept."""
YEAR: Final = timedelta(days=365)
BATCH: Final = 200
LEAST_CHANGE: Final = 0.02
"""Of a percentile: below it nobody's turn changes, and the nightly job would write a row for nearly everybody."""
RECENCY, FREQUENCY, SPEND = "recency", "frequency", "spend"


@dataclass(slots=True)
class Year:
    """A customer's twelve months: the day of the latest order, the days with one, the amounts by currency."""

    last: date
    days: set[date] = field(default_factory=set)
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))


@dataclass(frozen=True, slots=True)
class Standing:
    """Fifths, 5 the best, and what they were read from."""

    recency: int
    frequency: int
    money: int
    days_ago: int
    order_days: int
    spent: float
    currency: str
    percentile: float
    among: int


def renew_scales(now: datetime | None = None) -> int:
    """Learn anew where values stand, from everybody's twelve months; of how many customers.

    Reads a few hundred customers at a time and makes way for requests between; writes a handful of rows at the end.
    """
    now = now or timezone.now()
    found: dict[str, list[float]] = defaultdict(list)
    for ids in _batches():
        courtesy.make_way(0)
        for year in years_of(ids, now).values():
            for measure, value in _measures(year, now).items():
                found[measure].append(value)
    scales = {measure: Scale.of(values) for measure, values in found.items()}
    with write():
        StandingScale.objects.exclude(measure__in=scales).delete()
        StandingScale.objects.bulk_create(
            [
                StandingScale(measure=name, at=now, n=own.n, values=own.values, shares=own.shares)
                for name, own in scales.items()
            ],
            update_conflicts=True, unique_fields=["measure"], update_fields=["at", "n", "values", "shares"],
        )  # fmt: skip
    return len(found[RECENCY])


def scales() -> dict[str, Scale]:
    """By measure; empty before the first night."""
    rows = StandingScale.objects.all()
    return {row.measure: Scale(tuple(row.values), tuple(row.shares), row.n) for row in rows}


def years_of(customer_ids: Collection[int], now: datetime) -> dict[int, Year]:
    """Of those who bought within twelve months; one query."""
    rows = Order.objects.filter(customer_id__in=customer_ids, placed_at__gte=now - YEAR).exclude(status__in=NOT_BOUGHT)
    found: dict[int, Year] = {}
    for customer, placed_at, total, currency in rows.values_list("customer_id", "placed_at", "total", "currency"):
        day = min(placed_at, now).date()
        year = found.setdefault(customer, Year(day))
        year.last = max(year.last, day)
        year.days.add(day)
        year.spent[currency] += float(total)
    return found


def standings(years: Mapping[int, Year], now: datetime, known: Mapping[str, Scale]) -> dict[int, Standing]:
    """Where each stands; of nobody before the first night, nor of whoever pays as nobody did then."""
    told = {customer: _standing(year, now, known) for customer, year in years.items()}
    return {customer: standing for customer, standing in told.items() if standing is not None}


@dataclass(frozen=True, slots=True)
class _Spent:
    percentile: float
    amount: float
    currency: str
    scale: Scale


def _standing(year: Year, now: datetime, known: Mapping[str, Scale]) -> Standing | None:
    ranked = [
        _Spent(scale.share(amount), amount, currency, scale)
        for currency, amount in year.spent.items()
        if (scale := known.get(f"{SPEND}:{currency}")) is not None
    ]
    if not ranked:
        return None
    best = max(ranked, key=lambda one: (one.percentile, one.amount))
    days_ago = (now.date() - year.last).days
    return Standing(
        recency=known[RECENCY].fifth(days_ago, is_low_best=True),
        frequency=known[FREQUENCY].fifth(len(year.days)),
        money=best.scale.fifth(best.amount),
        days_ago=days_ago, order_days=len(year.days), spent=round(best.amount, 2), currency=best.currency,
        percentile=round(best.percentile, 4), among=best.scale.n,
    )  # fmt: skip


def rank(customer_ids: Collection[int], now: datetime | None = None) -> dict[int, float]:
    """Keep where the spend of these customers stands (0 to 1); the new places of those who moved noticeably.

    Whoever bought nothing in twelve months stands at 0. Records ``customer.spend_ranked`` with who moved: what waits of
    theirs is scored anew in a job. Nothing before the first night has learned a scale.
    """
    now = now or timezone.now()
    known = scales()
    if RECENCY not in known:
        return {}
    found = standings(years_of(customer_ids, now), now, known)
    kept = Customer.objects.filter(pk__in=customer_ids, merged_into=None).values_list("pk", "spend_percentile")
    places = {pk: (found[pk].percentile if pk in found else 0.0, old) for pk, old in kept}
    moved = {pk: new for pk, (new, old) in places.items() if abs(new - old) >= LEAST_CHANGE or (new == 0) != (old == 0)}
    if moved:
        _keep(moved)
    return moved


@writes
def _keep(moved: Mapping[int, float]) -> None:
    cases = [When(pk=pk, then=Value(place)) for pk, place in moved.items()]
    rows = Customer.objects.filter(pk__in=moved)
    rows.update(spend_percentile=Case(*cases, output_field=FloatField()))
    record(events.SPEND_RANKED, subject="customers", data={"customers": sorted(moved)})


def _measures(year: Year, now: datetime) -> dict[str, float]:
    spent = {f"{SPEND}:{currency}": amount for currency, amount in year.spent.items()}
    return {RECENCY: float((now.date() - year.last).days), FREQUENCY: float(len(year.days)), **spent}


def _batches() -> Iterator[list[int]]:
    after = 0
    rows = Customer.objects.filter(merged_into=None).order_by("pk")
    while ids := list(rows.filter(pk__gt=after).values_list("pk", flat=True)[:BATCH]):
        yield ids
        after = ids[-1]
