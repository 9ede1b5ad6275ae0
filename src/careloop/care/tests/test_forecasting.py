"""What is expected of each customer is kept as a row, computed anew when something new is known (mission 20)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careloop.care.models import BuyingRhythm, Outlook
from careloop.care.services import forecasting
from careloop.care.services.reading import outlook_of
from careloop.care.tasks import forecast_customers
from careloop.care.tests.factories import resolved
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event
from careloop.conversations.models import Conversation
from careloop.conversations.services.describing import set_kind
from careloop.customers.models import Customer, Order
from careloop.customers.services import spending
from careloop.triage.services.correcting import label_by_hand

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def order(customer: Customer, days_ago: int, status: str = "paid") -> Order:
    number = f"O-{customer.pk}-{days_ago}-{Order.objects.count()}"
    placed = NOW - timedelta(days=days_ago)
    return Order.objects.create(customer=customer, number=number, placed_at=placed, total=100, status=status)


def shop(count: int = 45) -> list[Customer]:
    """A third bought once, a third again long ago, a third keep buying."""
    customers = Customer.objects.bulk_create(Customer(name=f"Customer {at}") for at in range(count))
    for at, customer in enumerate(customers):
        for days in ((200 + at,), (300 + at, 260 + at), (290 + at, 200, 100, 20 + at % 7))[at % 3]:
            order(customer, days)
    return customers


def forecast(*customers: Customer) -> None:
    forecasting.renew_rhythm(NOW)
    forecasting.forecast([customer.pk for customer in customers], NOW)


def test_who_keeps_buying_is_a_customer_and_who_fell_silent_perhaps_not() -> None:
    customers = shop()
    forecast(*customers)
    silent, faithful = (Outlook.objects.get(customer=customers[at]) for at in (1, 2))
    assert faithful.orders == 4
    assert 0 < silent.still_customer < faithful.still_customer <= 1  # type: ignore[operator]
    assert 0 < silent.purchases < faithful.purchases  # type: ignore[operator]
    assert silent.chance_of_buying < silent.still_customer  # type: ignore[operator]


def test_who_ordered_on_one_day_alone_is_not_forecast() -> None:
    customers = shop()
    forecast(*customers)
    row = Outlook.objects.get(customer=customers[0])
    assert (row.orders, row.purchases, row.still_customer) == (1, None, None)


def test_nothing_is_forecast_from_too_few_customers_and_the_row_says_so() -> None:
    customers = shop(9)
    forecast(*customers)
    row = Outlook.objects.select_related("rhythm").get(customer=customers[2])
    assert (row.orders, row.purchases) == (4, None)
    assert row.rhythm is not None
    assert (row.rhythm.is_known, row.rhythm.customers, row.rhythm.repeaters) == (False, 9, 6)


def test_cancelled_and_refunded_orders_are_no_purchases() -> None:
    customers = shop()
    order(customers[0], 5, "cancelled")
    order(customers[0], 6, "refunded")
    forecast(customers[0])
    assert Outlook.objects.get(customer=customers[0]).orders == 1


def test_an_order_dated_tomorrow_breaks_nothing() -> None:
    customers = shop()
    order(customers[1], -3)
    forecast(customers[1])
    assert Outlook.objects.get(customer=customers[1]).orders == 3


def test_whoever_neither_ordered_nor_complained_has_no_row() -> None:
    stranger = Customer.objects.create(name="Stranger")
    forecast(stranger)
    assert not Outlook.objects.exists()


def test_a_complaint_gives_a_chance_of_losing_them_with_what_is_assumed(complaint: Conversation, lin: Any) -> None:
    label_by_hand(complaint, head="severity", label="severe", source="human", by=lin)
    resolved(complaint, lin)
    forecast(complaint.customer)
    row = Outlook.objects.get(customer=complaint.customer)
    assert row.complaint["severity"] == "severe"
    assert row.complaint["satisfaction"] is None
    assert row.complaint["is_resolved"]
    assert row.churn == pytest.approx(0.314, abs=0.02)  # logit(0.1) + 2 * 0.2 + 1, hardly a day's wait


def test_a_graver_complaint_is_a_greater_danger(complaint: Conversation, lin: Any) -> None:
    set_kind(complaint, "complaint")
    chances = []
    for level in ("minor", "severe"):
        label_by_hand(complaint, head="severity", label=level, source="human", by=lin)
        forecast(complaint.customer)
        chances.append(Outlook.objects.get(customer=complaint.customer).churn or 0)
    assert 0 < chances[0] < chances[1]


def test_only_what_changed_is_computed_anew() -> None:
    customers = shop()
    forecast(*customers)
    ids = [customer.pk for customer in customers]
    assert forecasting.forecast(ids, NOW + timedelta(hours=1)) == 0
    order(customers[4], 1)
    assert forecasting.forecast(ids, NOW + timedelta(hours=1)) == 1
    assert Outlook.objects.count() == len(customers)


def test_silence_is_news_too_after_a_week() -> None:
    customers = shop()
    forecast(*customers)
    ids = [customer.pk for customer in customers]
    assert forecasting.forecast(ids, NOW + timedelta(days=8)) == len(customers)


def test_the_rhythm_is_learned_once_a_week_and_told() -> None:
    shop()
    first = forecasting.renew_rhythm(NOW)
    assert first.is_known
    assert forecasting.renew_rhythm(NOW + timedelta(days=6)) == first
    assert forecasting.renew_rhythm(NOW + timedelta(days=8)) != first
    event = Event.objects.filter(name="customers.rhythm_fitted").first()
    assert event is not None
    assert event.data == {"customers": 45, "repeaters": 30, "is_known": True}


def test_what_purchases_are_worth_is_told_of_who_pays_as_most_do() -> None:
    customers = shop(60)
    for at, customer in enumerate(customers):
        Order.objects.filter(customer=customer).update(total=60 + at * 7 % 90)
    Order.objects.filter(customer=customers[5]).update(currency="USD")
    Order.objects.filter(pk=order(customers[8], 30).pk).update(currency="USD")
    forecast(*customers)
    frugal, generous = (Outlook.objects.get(customer=customers[at]) for at in (2, 11))
    assert frugal.rhythm is not None
    assert (frugal.rhythm.currency, frugal.rhythm.spenders) == ("CNY", 38)
    assert 0 < frugal.spend_each < generous.spend_each  # type: ignore[operator]
    assert frugal.spend_year > frugal.spend_each * frugal.purchases  # type: ignore[operator]
    for at in (5, 8):
        row = Outlook.objects.get(customer=customers[at])
        assert row.purchases is not None
        assert row.spend_each is None


def test_spend_is_not_told_where_it_goes_with_how_often() -> None:
    known = BuyingRhythm(r=0.2, alpha=4, a=0.8, b=2.4, p=6.25, q=3.74, v=15.44, correlation=-0.4)
    assert forecasting.spend_model_of(known) is None
    known.correlation = 0.1
    assert forecasting.spend_model_of(known) is not None


def test_where_a_customer_stands_is_kept_with_what_it_was_read_from() -> None:
    customers = shop()
    order(customers[2], 2)
    spending.renew_scales(NOW)
    forecast(*customers)
    row = Outlook.objects.get(customer=customers[2])
    assert (row.standing["recency"], row.standing["frequency"], row.standing["money"]) == (5, 5, 5)
    assert (row.standing["days_ago"], row.standing["order_days"], row.standing["among"]) == (2, 5, 45)
    assert row.standing["spent"] == 500


def test_a_customer_whose_orders_all_went_back_loses_the_row() -> None:
    customers = shop()
    forecast(*customers)
    Order.objects.filter(customer=customers[0]).update(status="refunded")
    forecast(customers[0])
    assert not Outlook.objects.filter(customer=customers[0]).exists()


def test_the_nightly_job_goes_through_everybody_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "BATCH", 10)
    customers = shop()
    forecast_customers.enqueue()
    run_pending_jobs()
    assert Outlook.objects.count() == len(customers)
    assert all(Customer.objects.values_list("spend_percentile", flat=True))
    assert BuyingRhythm.objects.count() == 1


def test_a_batch_asks_as_often_for_many_as_for_few() -> None:
    customers = shop()
    forecasting.renew_rhythm(NOW)

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as told:
            forecasting.forecast([customer.pk for customer in customers[:count]], NOW)
        return len(told)

    assert queries(3) == queries(40)


def test_only_those_who_see_the_customer_see_what_is_expected(
    complaint: Conversation, lin: Any, bob: Any, admin: Any
) -> None:
    set_kind(complaint, "complaint")
    forecast(complaint.customer)
    assert outlook_of(lin, complaint.customer_id) is not None
    assert outlook_of(admin, complaint.customer_id) is not None
    assert outlook_of(bob, complaint.customer_id) is None
    assert Outlook.objects.visible_to(lin).count() == 1
    assert not Outlook.objects.visible_to(bob).exists()
    assert not Outlook.objects.visible_to(AnonymousUser()).exists()
