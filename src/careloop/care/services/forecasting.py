"""What to expect of customers, kept as rows: purchases of the next 90 days, still a customer, lost over a complaint.

The rhythm in which customers buy here is learned once a week from the orders of this house; without enough of them
nothing is forecast. A customer is computed anew when an order or a complaint came, or the forecast is a week old:
silence tells something too. The arithmetic is `customers.engine`; `docs/customer-models.md` has the formulas.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from django.utils import timezone

from careloop.care import events
from careloop.care.models import BuyingRhythm, Outlook
from careloop.care.services.facts import CustomerFacts, facts_of, purchases_of
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.customers.engine import bgnbd
from careloop.customers.engine.churn import ChurnFormula, Complaint
from careloop.customers.engine.errors import TooFewCustomers
from careloop.customers.engine.histories import Histories, History, history_of
from careloop.customers.models import Customer, Order

FEWEST_ORDERS = 2
FORECAST_WEEKS = 90 / 7
IS_OLD_AFTER = timedelta(days=7)
BATCH = 200
MOST_LEARNED_FROM = 20_000  # the newest customers with an order: more change no digit that is shown
FIGURES = ("rhythm", "at", "facts", "orders", "purchases", "chance_of_buying", "still_customer", "churn", "complaint")


def renew_rhythm(now: datetime | None = None) -> BuyingRhythm:
    """The rhythm that holds: the latest, or one learned anew when that is a week old.

    Records ``customers.rhythm_fitted``. Learning takes about half a second a core for 20,000 customers, outside of
    any transaction.
    """
    now = now or timezone.now()
    latest = BuyingRhythm.objects.order_by("-pk").first()
    if latest is not None and now - latest.at < IS_OLD_AFTER:
        return latest
    known = _histories(now)
    try:
        fitted = bgnbd.fit(known)
    except TooFewCustomers:
        return _keep_rhythm(known, None, now)
    return _keep_rhythm(known, fitted, now)


def forecast_some(after: int, now: datetime | None = None) -> int | None:
    """Forecast up to BATCH customers behind this id; the last id looked at, or None when nobody is left."""
    now = now or timezone.now()
    rows = Customer.objects.filter(pk__gt=after, merged_into=None).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    if not ids:
        return None
    forecast(ids, now)
    return ids[-1]


def forecast(customer_ids: Collection[int], now: datetime) -> int:
    """Write the outlook of those of whom something new is known; how many. Those without a fact lose theirs."""
    rhythm = BuyingRhythm.objects.order_by("-pk").first()
    facts = facts_of(customer_ids, now)
    kept = {row.customer_id: row for row in Outlook.objects.filter(customer_id__in=customer_ids)}
    due = {
        customer: own
        for customer, own in facts.items()
        if customer not in kept or _is_due(kept[customer], own, rhythm, now)
    }
    gone = [customer for customer in kept if customer not in facts]
    if due or gone:
        _keep(_outlooks(due, rhythm, now), gone)
    return len(due)


def _is_due(row: Outlook, facts: CustomerFacts, rhythm: BuyingRhythm | None, now: datetime) -> bool:
    is_other_rhythm = row.rhythm_id != (rhythm.pk if rhythm else None)
    return row.facts != facts.fingerprint or is_other_rhythm or now - row.at >= IS_OLD_AFTER


def _outlooks(due: Mapping[int, CustomerFacts], rhythm: BuyingRhythm | None, now: datetime) -> list[Outlook]:
    rows = [_without_purchases(customer, facts, rhythm, now) for customer, facts in due.items()]
    model = _model_of(rhythm)
    enough = [row for row in rows if row.orders >= FEWEST_ORDERS]
    if model is None or not enough:
        return rows
    known = Histories.of([_history(due[row.customer_id], now) for row in enough])
    alive, chance = model.alive(known), model.chance_of_buying(known, FORECAST_WEEKS)
    expected = model.expected(known, FORECAST_WEEKS)
    for at, row in enumerate(enough):
        row.still_customer, row.chance_of_buying = float(alive[at]), float(chance[at])
        row.purchases = float(expected[at])
    return rows


def _without_purchases(customer: int, facts: CustomerFacts, rhythm: BuyingRhythm | None, now: datetime) -> Outlook:
    complaint = facts.complaint
    churn = None
    if complaint is not None:
        churn = ChurnFormula().chance(Complaint(complaint.days, complaint.satisfaction, complaint.severity))
    return Outlook(
        customer_id=customer, rhythm=rhythm, at=now, facts=facts.fingerprint, orders=facts.order_days, churn=churn,
        complaint=asdict(complaint) if complaint else {},
    )  # fmt: skip


def _history(facts: CustomerFacts, now: datetime) -> History:
    """An order dated in the future counts as of today, not as a customer from tomorrow."""
    today = now.date()
    found = history_of([(min(day, today), amount) for day, amount in facts.bought], today)
    assert found is not None
    return found


def _model_of(rhythm: BuyingRhythm | None) -> bgnbd.BgNbd | None:
    if rhythm is None or rhythm.r is None or rhythm.alpha is None or rhythm.a is None or rhythm.b is None:
        return None
    return bgnbd.BgNbd(rhythm.r, rhythm.alpha, rhythm.a, rhythm.b)


def _histories(now: datetime) -> Histories:
    buyers = Order.objects.filter(customer__merged_into=None).values_list("customer_id", flat=True)
    newest = list(buyers.order_by("-customer_id").distinct()[:MOST_LEARNED_FROM])
    rows: list[History] = []
    for at in range(0, len(newest), BATCH):
        bought = purchases_of(newest[at : at + BATCH])
        rows += [_history(CustomerFacts(own), now) for own in bought.values()]
    return Histories.of(rows)


@writes
def _keep_rhythm(known: Histories, fitted: bgnbd.BgNbd | None, now: datetime) -> BuyingRhythm:
    row = BuyingRhythm.objects.create(
        at=now, customers=len(known), repeaters=int((known.repeats > 0).sum()),
        **({name: float(getattr(fitted, name)) for name in ("r", "alpha", "a", "b")} if fitted else {}),
    )  # fmt: skip
    record(
        events.RHYTHM_FITTED, subject="rhythm", subject_id=row.pk,
        data={"customers": row.customers, "repeaters": row.repeaters, "is_known": row.is_known},
    )  # fmt: skip
    return row


@writes
def _keep(rows: list[Outlook], gone: Collection[int]) -> None:
    """One statement for all; two jobs at once end with the later's figures, never with two rows."""
    Outlook.objects.filter(customer_id__in=gone).delete()
    Outlook.objects.bulk_create(rows, update_conflicts=True, unique_fields=["customer"], update_fields=list(FIGURES))
