"""The demo never mixes its made-up history with somebody's real customers."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from careloop.accounts.models import User
from careloop.care.models import BuyingRhythm
from careloop.care.services.forecasting import renew_rhythm
from careloop.common.errors import Conflict
from careloop.common.models import Event
from careloop.customers.models import Customer, Identity
from careloop.demo.commands import demo
from careloop.demo.content import clients
from careloop.demo.staging.cast import names_of_customers
from careloop.demo.staging.loading import load
from careloop.demo.staging.resetting import reset

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(db: None) -> str:
    """An address of the demo that a real customer has."""
    address = next(client.email for client in clients().values() if client.email)
    customer = Customer.objects.create(name="Somebody real")
    Identity.objects.create(customer=customer, kind="email", value=address)
    return address


def test_a_customer_with_one_of_its_addresses_keeps_the_demo_out(taken: str) -> None:
    with pytest.raises(Conflict, match=taken):
        load()
    assert (Customer.objects.count(), User.objects.count(), Event.objects.count()) == (1, 0, 0)


def test_the_command_says_it_in_a_sentence(taken: str) -> None:
    result = CliRunner().invoke(demo, ["load", "--quiet"])
    assert result.exit_code == 1
    assert taken in result.output
    assert "CARELOOP_DATA_DIR" in result.output
    assert "Traceback" not in result.output


def test_the_same_value_of_another_kind_is_no_clash(db: None) -> None:
    kind, value = next(name for name in sorted(names_of_customers()) if name[0] == "external")
    Identity.objects.create(customer=Customer.objects.create(), kind="wechat", value=value)
    from careloop.demo.staging.loading import _stay_out_of_others_data

    _stay_out_of_others_data()
    assert kind == "external"


def test_what_was_learned_of_its_customers_goes_with_it(db: None) -> None:
    renew_rhythm()
    reset()
    assert (BuyingRhythm.objects.count(), Event.objects.count()) == (0, 0)
