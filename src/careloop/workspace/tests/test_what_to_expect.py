"""What is expected of a customer stands on the panel and on their page, with how it was computed and assumed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from careloop.accounts.models import User
from careloop.care.models import BuyingRhythm, Outlook
from careloop.care.services import forecasting
from careloop.conversations.models import Conversation
from careloop.conversations.services.describing import set_kind
from careloop.customers.models import Customer, Order
from careloop.customers.services import spending
from careloop.customers.services.merging import merge

pytestmark = pytest.mark.django_db


def order(customer: Customer, *days_ago: int) -> None:
    for days in days_ago:
        placed = timezone.now() - timedelta(days=days)
        Order.objects.create(customer=customer, number=f"W-{customer.pk}-{days}", placed_at=placed, total=80)


@pytest.fixture
def rhythm() -> BuyingRhythm:
    return BuyingRhythm.objects.create(
        at=timezone.now(), customers=2_357, repeaters=946, r=0.2426, alpha=4.4135, a=0.7929, b=2.4258
    )


def pages(client: Client, complaint: Conversation) -> list[str]:
    addresses = [
        reverse("workspace:conversation", args=[complaint.number]),
        reverse("workspace:customer", args=[complaint.customer_id]),
    ]
    return [client.get(address).content.decode() for address in addresses]


def test_the_figures_stand_with_n_and_basis(as_chen: Client, complaint: Conversation, rhythm: BuyingRhythm) -> None:
    order(complaint.customer, 100, 60, 20)
    forecasting.forecast([complaint.customer_id], timezone.now())
    for page in pages(as_chen, complaint):
        assert "What to expect" in page
        assert "Still a customer" in page
        assert "from 3 days with an order" in page
        assert "2357 customers, 946 of whom bought again" in page


def test_spend_and_standing_stand_with_their_basis(as_chen: Client, as_lin: Client, complaint: Conversation) -> None:
    BuyingRhythm.objects.create(
        at=timezone.now(), customers=2_357, repeaters=946, r=0.2426, alpha=4.4135, a=0.7929, b=2.4258,
        currency="CNY", spenders=946, p=6.25, q=3.74, v=15.44,
    )  # fmt: skip
    order(complaint.customer, 100, 60, 20)
    spending.renew_scales()
    forecasting.forecast([complaint.customer_id], timezone.now())
    for page in pages(as_chen, complaint):
        assert "Spend in 12 months" in page
        assert "of 946 customers who paid in CNY" in page
        assert "3 · 3 · 3 of 5" in page
        assert "more than 50% of the 1 who paid in CNY" in page
    for page in pages(as_lin, complaint):
        assert "12 个月消费金额" in page
        assert "3 · 3 · 3（满分 5）" in page
        assert "未扣成本，未折现" in page


def test_no_forecast_is_told_as_certain(as_chen: Client, complaint: Conversation) -> None:
    nobody_leaves = BuyingRhythm.objects.create(
        at=timezone.now(), customers=52, repeaters=52, r=13.3, alpha=69.2, a=0.0016, b=345.0
    )
    order(complaint.customer, 100, 60, 1)
    forecasting.forecast([complaint.customer_id], timezone.now())
    assert Outlook.objects.get().rhythm == nobody_leaves
    assert all("100%" not in page and "&gt;99%" in page for page in pages(as_chen, complaint))


def test_it_is_told_in_chinese_too(as_lin: Client, complaint: Conversation, rhythm: BuyingRhythm) -> None:
    order(complaint.customer, 100, 20)
    forecasting.forecast([complaint.customer_id], timezone.now())
    for page in pages(as_lin, complaint):
        assert "客户预期" in page
        assert "90 天内复购" in page
        assert "2357 位客户（其中 946 位复购）" in page


def test_with_one_order_no_figure_is_shown_but_why(
    as_chen: Client, complaint: Conversation, rhythm: BuyingRhythm
) -> None:
    order(complaint.customer, 10)
    forecasting.forecast([complaint.customer_id], timezone.now())
    for page in pages(as_chen, complaint):
        assert "Not enough orders to expect purchases: on 1 days so far" in page
        assert "Still a customer" not in page


def test_too_few_customers_are_said_too(as_chen: Client, complaint: Conversation) -> None:
    order(complaint.customer, 100, 20)
    forecasting.renew_rhythm()
    forecasting.forecast([complaint.customer_id], timezone.now())
    for page in pages(as_chen, complaint):
        assert "Too few customers to learn from" in page


def test_a_complaint_names_what_is_assumed_and_that_it_is_uncalibrated(
    as_chen: Client, complaint: Conversation
) -> None:
    set_kind(complaint, "complaint")
    forecasting.forecast([complaint.customer_id], timezone.now())
    for page in pages(as_chen, complaint):
        assert "uncalibrated" in page
        assert "80% is assumed" in page
        assert "has been open for" in page


def test_nothing_is_shown_of_whom_nothing_is_known(as_chen: Client, complaint: Conversation) -> None:
    assert all("What to expect" not in page for page in pages(as_chen, complaint))


def test_two_records_that_were_one_person_keep_one_outlook(
    complaint: Conversation, lin: User, rhythm: BuyingRhythm
) -> None:
    double = Customer.objects.create(name="王雨晴")
    order(complaint.customer, 100)
    order(double, 20)
    forecasting.forecast([complaint.customer_id, double.pk], timezone.now())
    merge(double, into=complaint.customer, by=lin)
    forecasting.forecast([complaint.customer_id, double.pk], timezone.now())
    assert Outlook.objects.get().orders == 2
