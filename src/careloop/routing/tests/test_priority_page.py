"""Leads and administrators change the weights, try them first, and see the queue change (mission 13)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from careloop.accounts.models import User
from careloop.common.models import Job
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.routing.forms import WeightsForm
from careloop.routing.loading import load_shipped_sources
from careloop.routing.models import PriorityWeights, SourceImportance
from careloop.routing.tests.factories import ago, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]
PAGE = "/priority/"


@pytest.fixture
def as_chen(client: Client, chen: User) -> Client:
    client.force_login(chen)
    return client


def numbers(**changed: object) -> dict[str, object]:
    form = WeightsForm(instance=PriorityWeights())
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return values | changed


def test_the_page_shows_the_queue_with_the_parts_of_each_score(
    as_chen: Client, mei: Customer, email_inbox: Inbox
) -> None:
    waiting(mei, email_inbox, severity="severe", handling_class="C")
    html = as_chen.get(PAGE).content.decode()
    assert "王雨晴" in html
    assert "+0.60" in html


def test_trying_weights_shows_the_new_order_and_saves_nothing(
    as_chen: Client, mei: Customer, james: Customer, email_inbox: Inbox
) -> None:
    moment = ago(hours=1)
    mei.spend_percentile = 1.0
    mei.save()
    rich = waiting(mei, email_inbox, since=moment, severity="minor")
    grave = waiting(james, email_inbox, since=moment, severity="moderate")
    answer = as_chen.post(PAGE, numbers(value=0, source=0, do="preview"))
    order = re.findall(r"CL-\d+", answer.content.decode())
    assert order == [grave.conversation.reference, rich.conversation.reference]
    assert "▲1" in answer.content.decode()
    assert not PriorityWeights.objects.exists()


def test_saving_changes_the_weights_and_scores_the_queue_in_the_background(as_chen: Client) -> None:
    answer = as_chen.post(PAGE, numbers(severity=0.8, do="save") | {"severities-minor": 0.1, "hours-D": 3})
    assert answer.status_code == 302
    weights = PriorityWeights.objects.get()
    assert (weights.severity, weights.severities["minor"], weights.handling_hours["D"]) == (0.8, 0.1, 3.0)
    assert Job.objects.filter(task__endswith="rescore_queue").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"severity": "x"}, {"severity": -1}, {"gamma": 99}, {"severities-minor": 2}, {"hours-A": ""}]
)
def test_wrong_numbers_are_shown_beside_the_form(as_chen: Client, wrong: dict[str, object]) -> None:
    answer = as_chen.post(PAGE, numbers(do="save") | wrong)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not PriorityWeights.objects.exists()


def test_the_importance_of_a_source_is_changed_on_the_page(as_chen: Client) -> None:
    load_shipped_sources()
    partner = SourceImportance.objects.get(value="partner")
    as_chen.post("/priority/sources/", {f"importance-{partner.pk}": "0.25"})
    partner.refresh_from_db()
    assert partner.importance == 0.25


@pytest.mark.parametrize("text", ["2", "-1", "nan", "much"])
def test_an_importance_that_is_no_share_is_refused(as_chen: Client, text: str) -> None:
    load_shipped_sources()
    partner = SourceImportance.objects.get(value="partner")
    answer = as_chen.post("/priority/sources/", {f"importance-{partner.pk}": text})
    assert answer.status_code == 400
    partner.refresh_from_db()
    assert partner.importance == 1.0


def test_an_agent_may_not_and_a_stranger_is_asked_to_sign_in(client: Client, lin: User) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(lin)
    for address in (PAGE, "/priority/sources/"):
        assert client.post(address, {}).status_code == 403


def test_an_administrator_may_edit_in_the_settings_too(client: Client, admin: User) -> None:
    client.force_login(admin)
    PriorityWeights.objects.create()
    address = "/admin/routing/priorityweights/1/change/"
    assert client.get(address).status_code == 200
    fields = {"severity": 0.5, "value": 0.3, "source": 0.2, "late_factor": 1.5, "gamma": 1}
    points = {
        "severities": '{"minor": 0.1, "moderate": 0.5, "severe": 1, "unknown": 0.4}',
        "handling_hours": '{"A": 0.2, "B": 0.3, "C": 0.7, "D": 1.5, "unknown": 0.5}',
    }
    assert client.post(address, fields | points).status_code == 302
    assert PriorityWeights.objects.get().version == 2


def test_shipped_sources_load_once_and_have_both_names() -> None:
    assert load_shipped_sources() == SourceImportance.objects.count() > 0
    assert load_shipped_sources() == 0
    assert all(source.name and source.name_zh for source in SourceImportance.objects.all())
