"""What is expected of a customer, in words: each figure with how it was computed, on how many, and what is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from careloop.care.services.forecasting import FEWEST_ORDERS
from careloop.care.services.reading import outlook_of
from careloop.customers.engine.bgnbd import FEWEST_CUSTOMERS, FEWEST_REPEATERS
from careloop.customers.engine.churn import BASE_RATE, ChurnFormula
from careloop.triage.labels import label_name
from careloop.workspace.looks import money, percent

if TYPE_CHECKING:
    from datetime import datetime

    from careloop.accounts.models import User
    from careloop.care.models import Outlook


@dataclass(frozen=True, slots=True)
class Expected:
    """One figure and its name."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """The figures, why some are missing, and how all of it was computed."""

    figures: list[Expected]
    missing: str
    how: list[str]


def expectation_of(user: User, customer_id: int) -> Expectation | None:
    """Nothing for a customer who neither ordered nor complained, or is not this person's to see. One query."""
    row = outlook_of(user, customer_id)
    if row is None:
        return None
    how = [*_how_purchases(row), *_how_spend(row), *_how_standing(row), *_how_churn(row)]
    how.append(_("As of %(date)s.") % {"date": _day(row.at)})
    return Expectation([*_purchases(row), *_spend(row), *_standing(row), *_churn(row)], _missing(row), how)


def _purchases(row: Outlook) -> list[Expected]:
    if row.purchases is None:
        return []
    return [
        Expected(_("Still a customer"), _chance(row.still_customer)),
        Expected(_("Buys again within 90 days"), _chance(row.chance_of_buying)),
        Expected(_("Purchases in 90 days"), number_format(row.purchases, 1)),
    ]


def _spend(row: Outlook) -> list[Expected]:
    if row.spend_each is None or row.spend_year is None or row.rhythm is None:
        return []
    return [
        Expected(_("Spend a purchase"), money(row.spend_each, row.rhythm.currency)),
        Expected(_("Spend in 12 months"), money(row.spend_year, row.rhythm.currency)),
    ]


def _standing(row: Outlook) -> list[Expected]:
    """Three fifths in one line, as those who know RFM read them."""
    if not row.standing:
        return []
    return [Expected(_("Recency, frequency, spend"), _("%(recency)s · %(frequency)s · %(money)s of 5") % row.standing)]


def _chance(share: float | None) -> str:
    """No forecast is certain, however it is rounded."""
    if share is None:
        return ""
    return ">99%" if share > 0.99 else "<1%" if share < 0.01 else percent(share)


def _churn(row: Outlook) -> list[Expected]:
    if row.churn is None:
        return []
    value = _("%(chance)s, uncalibrated") % {"chance": _chance(row.churn)}
    return [Expected(_("Lost over a complaint"), value)]


def _missing(row: Outlook) -> str:
    if row.purchases is not None:
        return ""
    if row.orders < FEWEST_ORDERS:
        said = _("Not enough orders to expect purchases: on %(n)s days so far; %(needed)s are needed.")
        return said % {"n": row.orders, "needed": FEWEST_ORDERS}
    said = _(
        "Too few customers to learn from how people buy here: %(n)s with orders, %(again)s of them again;"
        " %(needed)s and %(needed_again)s are needed."
    )
    n, again = (row.rhythm.customers, row.rhythm.repeaters) if row.rhythm else (0, 0)
    return said % {"n": n, "again": again, "needed": FEWEST_CUSTOMERS, "needed_again": FEWEST_REPEATERS}


def _how_purchases(row: Outlook) -> list[str]:
    if row.purchases is None or row.rhythm is None:
        return []
    said = _(
        "Purchases by BG/NBD from %(orders)s days with an order of this customer (cancelled and refunded ones left out)"
        " and the rhythm of %(customers)s customers, %(repeaters)s of whom bought again, learned on %(date)s."
    )
    return [
        said
        % {
            "orders": row.orders,
            "customers": row.rhythm.customers,
            "repeaters": row.rhythm.repeaters,
            "date": _day(row.rhythm.at),
        }
    ]


def _how_spend(row: Outlook) -> list[str]:
    if row.spend_each is None or row.rhythm is None:
        return []
    said = _(
        "Spend by Gamma-Gamma: this customer's own mean, drawn towards that of %(spenders)s customers who paid in"
        " %(currency)s for more than one purchase; times the purchases expected; before costs and not discounted."
    )
    return [said % {"spenders": row.rhythm.spenders, "currency": row.rhythm.currency}]


def _how_standing(row: Outlook) -> list[str]:
    if not row.standing:
        return []
    said = _(
        "Fifths of the customers who bought within twelve months, 5 the best: latest order %(days)s days ago, on"
        " %(orders)s days, %(spent)s in all, which is more than %(share)s of the %(n)s who paid in %(currency)s."
    )
    return [
        said
        % {
            "days": row.standing["days_ago"],
            "orders": row.standing["order_days"],
            "spent": money(row.standing["spent"], row.standing["currency"]),
            "share": percent(row.standing["percentile"]),
            "n": row.standing["among"],
            "currency": row.standing["currency"],
        }
    ]


def _how_churn(row: Outlook) -> list[str]:
    """What the complaint was, what of it is assumed, and what the figure is worth."""
    if row.churn is None:
        return []
    return [_the_complaint(row.complaint), *_assumed(row.complaint), _worth()]


def _the_complaint(complaint: dict[str, Any]) -> str:
    said = (
        _("Complaints in twelve months: %(n)s; the latest (%(severity)s) took %(days)s days to resolve.")
        if complaint["is_resolved"]
        else _("Complaints in twelve months: %(n)s; the latest (%(severity)s) has been open for %(days)s days.")
    )
    return said % {
        "n": complaint["complaints"],
        "severity": label_name("severity", complaint["severity"]),
        "days": number_format(complaint["days"], 1),
    }


def _assumed(complaint: dict[str, Any]) -> list[str]:
    said = []
    if complaint["satisfaction"] is None:
        usual = percent(ChurnFormula().usual_satisfaction)
        said.append(_("They did not say how satisfied they were; %(usual)s is assumed.") % {"usual": usual})
    else:
        said.append(_("Their satisfaction was %(said)s.") % {"said": percent(complaint["satisfaction"])})
    if not complaint["is_severity_known"]:
        said.append(_("Nobody graded the complaint; moderate is assumed."))
    return said


def _worth() -> str:
    said = _(
        "The base of %(base)s and the weights of waiting, dissatisfaction and severity are start values that nothing"
        " here has confirmed yet: compare customers by it, do not count with it."
    )
    return said % {"base": percent(BASE_RATE)}


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")
