"""Where a customer's spend of twelve months stands among all: every night and with each order (priority's value)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from careloop.accounts.models import User
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event
from careloop.customers.engine import rfm
from careloop.customers.engine.scale import POINTS, Scale
from careloop.customers.models import Customer, Order, StandingScale
from careloop.customers.services import spending
from careloop.customers.services.merging import merge
from careloop.customers.services.ordering import keep_order

NOW = timezone.now()

amounts = st.lists(st.one_of(st.integers(0, 5), st.floats(0, 1e6)), min_size=1, max_size=150)


@given(amounts)
def test_a_scale_of_few_values_says_what_ranking_everybody_says(values: list[float]) -> None:
    scale = Scale.of(values)
    assert [scale.fifth(value) for value in values] == rfm.fifths(values).tolist()
    assert scale.n == len(values)


def test_a_scale_of_many_values_keeps_few_points_and_is_true_to_a_hundredth() -> None:
    values = np.random.default_rng(1).lognormal(4, 1.5, 20_000)
    scale = Scale.of(values.tolist())
    assert len(scale.values) <= POINTS
    exact = (np.argsort(np.argsort(values)) + 0.5) / len(values)
    told = np.array([scale.share(value) for value in values])
    assert np.abs(told - exact).max() < 0.01
    assert scale.share(-1) < scale.share(values.max() + 1) < 1


def order(customer: Customer, total: int, days_ago: int = 10, *, currency: str = "CNY", status: str = "paid") -> Order:
    return Order(
        customer=customer, number=f"S-{customer.pk}-{days_ago}-{Order.objects.count()}", total=Decimal(total),
        placed_at=NOW - timedelta(days=days_ago), currency=currency, status=status,
    )  # fmt: skip


def shop(count: int = 10) -> list[Customer]:
    """The later in the list, the more they spent."""
    made = Customer.objects.bulk_create(Customer(name=f"Customer {at}") for at in range(count))
    for at, customer in enumerate(made):
        order(customer, 100 * (at + 1)).save()
    return made


def night(*customers: Customer) -> None:
    spending.renew_scales(NOW)
    spending.rank([customer.pk for customer in customers], NOW)


def place(customer: Customer) -> float:
    return Customer.objects.get(pk=customer.pk).spend_percentile


@pytest.mark.django_db
def test_who_spends_more_stands_higher_and_whoever_spent_nothing_at_nought() -> None:
    customers = shop()
    stranger = Customer.objects.create(name="Stranger", spend_percentile=0.7)
    night(*customers, stranger)
    assert [place(customer) for customer in customers] == pytest.approx([(at + 0.5) / 10 for at in range(10)])
    assert place(stranger) == 0


@pytest.mark.django_db
def test_only_what_was_kept_within_twelve_months_counts() -> None:
    customers = shop()
    order(customers[0], 9_000, 400).save()
    order(customers[1], 9_000, 5, status="refunded").save()
    order(customers[2], 9_000, 5, status="cancelled").save()
    night(*customers)
    assert [place(customer) for customer in customers[:3]] == pytest.approx([0.05, 0.15, 0.25])


@pytest.mark.django_db
def test_amounts_in_different_currencies_are_never_added_up() -> None:
    customers = shop()
    for at, abroad in enumerate(Customer.objects.bulk_create(Customer(name=f"Abroad {at}") for at in range(4))):
        order(abroad, 10 * (at + 1), currency="USD").save()
        customers.append(abroad)
    order(customers[0], 40, currency="USD").save()  # the least of those who pay in yuan, the most in dollars
    night(*customers)
    assert place(customers[0]) == pytest.approx(0.8)
    assert place(customers[10]) == pytest.approx(0.1)


@pytest.mark.django_db
def test_before_the_first_night_nobody_is_ranked() -> None:
    customers = shop()
    assert spending.rank([customers[9].pk], NOW) == {}
    assert place(customers[9]) == 0


@pytest.mark.django_db
def test_who_did_not_move_noticeably_is_not_written_and_nothing_told() -> None:
    customers = shop()
    night(*customers)
    told = Event.objects.filter(name="customer.spend_ranked")
    assert sorted(told.get().data["customers"]) == [customer.pk for customer in customers]
    night(*customers)
    assert told.count() == 1
    Customer.objects.filter(pk=customers[3].pk).update(spend_percentile=0.34)
    assert spending.rank([customers[3].pk], NOW) == {}


@pytest.mark.django_db
def test_an_order_moves_its_customer_at_once_and_nobody_else_is_looked_at() -> None:
    customers = shop()
    night(*customers)
    Customer.objects.filter(pk=customers[5].pk).update(spend_percentile=0.99)
    keep_order(order(customers[0], 5_000), by=None)
    run_pending_jobs()
    assert place(customers[0]) == pytest.approx(0.95)
    assert place(customers[5]) == 0.99


@pytest.mark.django_db
def test_an_order_that_was_another_customers_moves_both() -> None:
    customers = shop()
    night(*customers)
    given_away = Order.objects.get(customer=customers[9])
    given_away.customer = customers[0]
    keep_order(given_away, by=None)
    run_pending_jobs()
    assert place(customers[9]) == 0
    assert place(customers[0]) == pytest.approx(0.95)


@pytest.mark.django_db
def test_two_records_of_one_person_stand_where_their_sum_does(admin: User) -> None:
    customers = shop()
    night(*customers)
    merge(customers[8], customers[7], by=admin)
    run_pending_jobs()
    assert place(customers[7]) == pytest.approx(0.95)


@pytest.mark.django_db
def test_an_order_written_in_the_settings_is_told(client: Client, admin: User) -> None:
    customers = shop()
    night(*customers)
    client.force_login(admin)
    fields = {
        "customer": customers[0].pk, "number": "S-1", "placed_at_0": NOW.date().isoformat(), "placed_at_1": "00:00:00",
        "total": "5000.00", "currency": "CNY", "status": "paid", "lines": "[]",
    }  # fmt: skip
    assert client.post("/admin/customers/order/add/", fields).status_code == 302
    run_pending_jobs()
    assert place(customers[0]) == pytest.approx(0.95)
    assert Event.objects.get(name="order.kept").actor == admin


@pytest.mark.django_db
def test_a_scale_nobody_pays_on_any_more_goes() -> None:
    customers = shop()
    order(customers[0], 40, currency="USD").save()
    night(*customers)
    assert set(StandingScale.objects.values_list("measure", flat=True)) == {
        "recency", "frequency", "spend:CNY", "spend:USD",
    }  # fmt: skip
    Order.objects.filter(currency="USD").delete()
    night(*customers)
    assert StandingScale.objects.count() == 3


@pytest.mark.django_db
def test_a_batch_asks_as_often_for_many_as_for_few() -> None:
    customers = shop(60)
    spending.renew_scales(NOW)

    def queries(some: list[Customer]) -> int:
        with CaptureQueriesContext(connection) as told:
            assert spending.rank([customer.pk for customer in some], NOW)
        return len(told)

    assert queries(customers[:3]) == queries(customers[3:])
