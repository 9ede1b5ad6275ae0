"""What to expect of customers, kept as rows: purchases of the next 90 days and what they are worth, still a customer,
lost over a complaint, and where they stand among all.

The rhythm in which customers buy here is learned once a week from the orders of this house, in a process of its own;
without enough of them nothing is forecast. A customer is computed anew when an order or a complaint came, or the
forecast is a week old: silence tells something too. The arithmetic is `customers.engine`; `docs/customer-models.md` has
the formulas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from django.utils import timezone

from careloop.care import events
from careloop.care.models import BuyingRhythm, Outlook
from careloop.care.services.facts import CustomerFacts, Purchases, facts_of, purchases_of
from careloop.common.courtesy import courtesy
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.customers.engine import bgnbd, gamma_gamma
from careloop.customers.engine.churn import ChurnFormula, Complaint
from careloop.customers.engine.fitting_apart import Fitted, fitted_apart
from careloop.customers.engine.histories import Histories, History, history_of
from careloop.customers.models import Customer, Order
from careloop.customers.services import spending

FEWEST_ORDERS = 2
FORECAST_WEEKS = 90 / 7
MONTHS_OF_VALUE = 12
IS_OLD_AFTER = timedelta(days=7)
BATCH = 50  # 0.04 s of a core; 200 take 0.2 s, which requests beside them would feel
MOST_LEARNED_FROM = 20_000  # the newest customers with an order: more change no digit that is shown
FIGURES = (
    "rhythm", "at", "facts", "orders", "purchases", "chance_of_buying", "still_customer", "churn", "complaint",
    "spend_each", "spend_year", "standing",
)  # fmt: skip


def renew_rhythm(now: datetime | None = None) -> BuyingRhythm:
    """The rhythm that holds: the latest, or one learned anew when that is a week old.

    Records ``customers.rhythm_fitted``. Orders are read a few hundred customers at a time, making way for requests
    between; the arithmetic runs in a child process, outside of any transaction.
    """
    now = now or timezone.now()
    latest = BuyingRhythm.objects.order_by("-pk").first()
    if latest is not None and now - latest.at < IS_OLD_AFTER:
        return latest
    known, currency = _histories(now)
    return _keep_rhythm(known, fitted_apart(known), currency, now)


def forecast_some(after: int, now: datetime | None = None) -> int | None:
    """Forecast and rank up to BATCH customers behind this id; the last id looked at, or None when nobody is left."""
    now = now or timezone.now()
    rows = Customer.objects.filter(pk__gt=after, merged_into=None).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    if not ids:
        return None
    forecast(ids, now)
    spending.rank(ids, now)
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
    known = Histories.of([_history(due[row.customer_id].purchases, now) for row in enough])
    alive, chance = model.alive(known), model.chance_of_buying(known, FORECAST_WEEKS)
    expected = model.expected(known, FORECAST_WEEKS)
    for at, row in enumerate(enough):
        row.still_customer, row.chance_of_buying = float(alive[at]), float(chance[at])
        row.purchases = float(expected[at])
    _value(enough, due, known, model, rhythm)
    return rows


def _value(
    rows: list[Outlook],
    due: Mapping[int, CustomerFacts],
    known: Histories,
    counts: bgnbd.BgNbd,
    rhythm: BuyingRhythm | None,
) -> None:
    """What their purchases to come are worth: of those who pay in the currency of the rhythm and no other.

    Before costs and not discounted, for nobody here has said what a sale leaves.
    """
    spend = spend_model_of(rhythm)
    if spend is None or rhythm is None:
        return
    each = spend.expected(known)
    year = gamma_gamma.lifetime_value(
        counts, spend, known, months=MONTHS_OF_VALUE, margin=1.0, monthly_discount=0.0
    )  # fmt: skip
    for at, row in enumerate(rows):
        if due[row.customer_id].purchases.currency == rhythm.currency:
            row.spend_each, row.spend_year = float(each[at]), float(year[at])


def _without_purchases(customer: int, facts: CustomerFacts, rhythm: BuyingRhythm | None, now: datetime) -> Outlook:
    complaint = facts.complaint
    churn = None
    if complaint is not None:
        churn = ChurnFormula().chance(Complaint(complaint.days, complaint.satisfaction, complaint.severity))
    return Outlook(
        customer_id=customer, rhythm=rhythm, at=now, facts=facts.fingerprint, orders=facts.order_days, churn=churn,
        complaint=asdict(complaint) if complaint else {},
        standing=asdict(facts.standing) if facts.standing else {},
    )  # fmt: skip


def _history(purchases: Purchases, now: datetime) -> History:
    """An order dated in the future counts as of today, not as a customer from tomorrow."""
    today = now.date()
    found = history_of([(min(day, today), amount) for day, amount in purchases.bought], today)
    assert found is not None
    return found


def _model_of(rhythm: BuyingRhythm | None) -> bgnbd.BgNbd | None:
    if rhythm is None or rhythm.r is None or rhythm.alpha is None or rhythm.a is None or rhythm.b is None:
        return None
    return bgnbd.BgNbd(rhythm.r, rhythm.alpha, rhythm.a, rhythm.b)


def spend_model_of(rhythm: BuyingRhythm | None) -> gamma_gamma.GammaGamma | None:
    """What purchases here are worth; None when too few paid twice, or when who buys often spends otherwise."""
    if rhythm is None or rhythm.p is None or rhythm.q is None or rhythm.v is None:
        return None
    if abs(rhythm.correlation) > gamma_gamma.LARGEST_CORRELATION:
        return None
    return gamma_gamma.GammaGamma(rhythm.p, rhythm.q, rhythm.v)


def _histories(now: datetime) -> tuple[Histories, str]:
    """Of the newest customers, and the currency most of them pay in; the spend of the others is left at nought."""
    buyers = Order.objects.filter(customer__merged_into=None).values_list("customer_id", flat=True)
    newest = list(buyers.order_by("-customer_id").distinct()[:MOST_LEARNED_FROM])
    rows: list[tuple[History, str]] = []
    for at in range(0, len(newest), BATCH):
        courtesy.make_way(0)
        bought = purchases_of(newest[at : at + BATCH])
        rows += [(_history(own, now), own.currency) for own in bought.values()]
    counted = Counter(currency for _, currency in rows if currency)
    commonest = max(counted, key=lambda currency: (counted[currency], currency), default="")
    told = [history if currency == commonest else replace(history, mean_spend=0.0) for history, currency in rows]
    return Histories.of(told), commonest


@writes
def _keep_rhythm(known: Histories, fitted: Fitted, currency: str, now: datetime) -> BuyingRhythm:
    counts, spend = (asdict(model) if model else {} for model in (fitted.counts, fitted.spend))
    row = BuyingRhythm.objects.create(
        at=now, customers=len(known), repeaters=int((known.repeats > 0).sum()), currency=currency,
        spenders=fitted.spenders, correlation=fitted.correlation, **counts, **spend,
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
