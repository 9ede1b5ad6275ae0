"""Whatever a score is made of: when it changes, what waits is scored anew, and nothing else is looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.common.errors import InvalidInput
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event, Job
from careloop.conversations.models import Inbox
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.customers.models import Consent, Customer, Order, ValueTier
from careloop.customers.services import spending
from careloop.customers.services.merging import merge
from careloop.customers.services.ordering import keep_order
from careloop.customers.services.standing import change_standing
from careloop.routing.models import QueueEntry
from careloop.routing.services.prioritising import leave, prioritise
from careloop.routing.services.weighing import change_weights
from careloop.routing.tests.factories import Finding, ago, found, waiting
from careloop.sla.models import Clock, ResponseTarget, TeamCalendar
from careloop.sla.services.recomputing import recompute_after, target_changed, team_hours_changed
from careloop.sla.services.starting import mark_checked, start_clocks
from careloop.sla.services.watching import watch
from careloop.sla.tests.factories import TUESDAY
from careloop.triage.models import Prediction
from careloop.triage.services.correcting import correct, label_by_hand, raise_alarm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture(autouse=True)
def _within_working_hours(table: None) -> Any:
    with time_machine.travel(TUESDAY + timedelta(minutes=10)):
        run_pending_jobs()
        yield


@pytest.fixture
def entry(mei: Customer, email_inbox: Inbox) -> QueueEntry:
    return waiting(mei, email_inbox, since=ago(minutes=2), handling_class="C")


def now_of(entry: QueueEntry) -> QueueEntry:
    return QueueEntry.objects.get(pk=entry.pk)


def made_of(entry: QueueEntry) -> dict[str, Any]:
    case: dict[str, Any] = now_of(entry).parts["case"]
    return case


def kept_finding(entry: QueueEntry, head: str, label: str) -> Prediction:
    return label_by_hand(entry.conversation, head, label, by=None, source=Prediction.Source.IMPORTED)


def target(name: str, hours: float) -> ResponseTarget:
    row = ResponseTarget.objects.get(code=name)
    row.seconds = int(hours * 3600)
    row.save()
    return row


def test_a_new_message_that_is_graver(entry: QueueEntry, mei: Customer) -> None:
    message = add_customer_message(entry.conversation, Content(text="脸上全是红疹"), customer=mei)
    findings = found(severity="severe", handling_class="D")
    prioritise(entry.conversation, findings, clocks=start_clocks(entry.conversation, message, findings))
    assert made_of(entry)["severity"] == 1.0
    assert now_of(entry).waiting_since == entry.waiting_since


def test_a_clock_that_starts_when_the_facts_were_checked(entry: QueueEntry, lin: User) -> None:
    Clock.objects.filter(conversation=entry.conversation_id).delete()
    findings = [kept_finding(entry, "handling_class", "B")]
    mark_checked(entry.conversation, findings, by=lin, at=timezone.now())
    clock = Clock.objects.get(conversation=entry.conversation_id)
    assert now_of(entry).parts["inputs"]["row"] == clock.policy_row
    assert now_of(entry).due_at == clock.due_at


def test_a_target_that_an_administrator_changed(entry: QueueEntry, admin: User) -> None:
    kept_finding(entry, "handling_class", "C")
    governing = now_of(entry).parts["inputs"]["row"]
    before = now_of(entry)
    target_changed(target(governing, before.parts["case"]["target_hours"] / 6), by=admin)
    run_pending_jobs()
    after = now_of(entry)
    assert after.parts["case"]["target_hours"] == pytest.approx(before.parts["case"]["target_hours"] / 6)
    assert after.klass > before.klass
    assert before.due_at is not None
    assert after.due_at is not None
    assert after.due_at < before.due_at


def test_working_hours_that_an_administrator_changed(entry: QueueEntry, care_team: Team, admin: User) -> None:
    Clock.objects.update(due_at=timezone.now() + timedelta(days=30), warn_at=timezone.now() + timedelta(days=29))
    team_hours_changed(TeamCalendar(team=care_team), by=admin)
    run_pending_jobs()
    earliest = min(Clock.objects.values_list("due_at", flat=True))
    assert now_of(entry).due_at == earliest < timezone.now() + timedelta(days=20)


def test_a_clock_that_ran_out(mei: Customer, email_inbox: Inbox) -> None:
    late = waiting(mei, email_inbox, since=ago(days=9), handling_class="C")
    watch()
    assert made_of(late)["is_late"] is True


def test_a_customer_who_becomes_vip_is_owed_an_earlier_answer(
    mei: Customer, email_inbox: Inbox, admin: User
) -> None:  # mission 137: value is a target, never a tier
    entry = waiting(mei, email_inbox, since=timezone.now(), handling_class="C")
    before = made_of(entry)
    change_standing(mei, by=admin, value_tier=ValueTier.VIP)
    run_pending_jobs()
    after = now_of(entry)
    assert (after.parts["inputs"]["is_vip"], after.parts["inputs"]["row"]) == (True, "vip")
    assert after.parts["case"]["value"] == 0.95 > before["value"]
    assert after.tier == 2
    assert Clock.objects.filter(moved_because="customer").exists()
    assert Event.objects.get(name="customer.changed").data["is_tier"] is True


def test_a_customer_whose_spend_rose_climbs_and_no_clock_is_touched(entry: QueueEntry, mei: Customer) -> None:
    assert change_standing(mei, by=None, spend_percentile=0.8)
    assert not change_standing(mei, by=None, spend_percentile=0.8)
    assert not Job.objects.filter(task__endswith="recompute_clocks", state="ready").exists()
    run_pending_jobs()
    assert made_of(entry)["value"] == 0.8


def test_only_what_waits_of_that_customer_is_scored_anew(
    entry: QueueEntry, mei: Customer, james: Customer, email_inbox: Inbox
) -> None:
    other = waiting(james, email_inbox)
    idle = waiting(mei, email_inbox)
    leave(idle.conversation_id)
    Customer.objects.filter(pk=james.pk).update(spend_percentile=1.0)
    change_standing(mei, by=None, spend_percentile=0.8)
    run_pending_jobs()
    assert [made_of(each)["value"] for each in (entry, idle, other)] == [0.8, 0.0, 0.0]


def test_an_order_lifts_what_waits_of_its_customer_and_nothing_else(
    entry: QueueEntry, mei: Customer, james: Customer, email_inbox: Inbox
) -> None:
    other, placed = waiting(james, email_inbox), timezone.now() - timedelta(days=3)
    for at, customer in enumerate((mei, james)):
        Order.objects.create(customer=customer, number=f"R-{at}", placed_at=placed, total=100 + at)
    spending.renew_scales()
    keep_order(Order(customer=mei, number="R-9", placed_at=placed, total=900), by=None)
    run_pending_jobs()
    assert [made_of(each)["value"] for each in (entry, other)] == [0.75, 0.0]


def test_the_night_lifts_what_waits_of_all_who_moved(
    entry: QueueEntry, mei: Customer, james: Customer, email_inbox: Inbox
) -> None:
    other, placed = waiting(james, email_inbox), timezone.now() - timedelta(days=3)
    for at, customer in enumerate((mei, james)):
        Order.objects.create(customer=customer, number=f"R-{at}", placed_at=placed, total=100 + at)
    spending.renew_scales()
    spending.rank([mei.pk, james.pk])
    run_pending_jobs()
    assert [made_of(each)["value"] for each in (entry, other)] == [0.25, 0.75]


def test_two_records_of_one_person(entry: QueueEntry, mei: Customer, james: Customer, admin: User) -> None:
    Customer.objects.filter(pk=james.pk).update(spend_percentile=0.9)
    merge(mei, Customer.objects.get(pk=james.pk), by=admin)
    run_pending_jobs()
    entry.conversation.refresh_from_db()
    assert entry.conversation.customer == james
    assert made_of(entry)["value"] == 0.9


def test_a_consent_is_no_part_of_the_score(entry: QueueEntry, mei: Customer) -> None:
    before = now_of(entry).parts
    Consent.objects.create(
        customer=mei, purpose="care", channel="email", text_version="1", source="portal", granted_at=timezone.now()
    )
    assert prioritise(entry.conversation, found(handling_class="C")).parts == before


@pytest.mark.parametrize(("head", "label", "part", "found_now"), [
    ("severity", "severe", "severity", 1.0),
    ("handling_class", "D", "handling_hours", 1.5),
])  # fmt: skip
def test_a_corrected_finding(entry: QueueEntry, lin: User, head: str, label: str, part: str, found_now: float) -> None:
    correct(kept_finding(entry, head, "minor" if head == "severity" else "A"), label, by=lin)
    assert made_of(entry)[part] == found_now


def test_an_alarm_that_a_person_raises_and_takes_back(entry: QueueEntry, lin: User) -> None:
    raised = raise_alarm(entry.conversation, "fraud", by=lin)
    assert now_of(entry).tier == 0
    correct(raised, "none", by=lin)
    assert now_of(entry).tier == 2


def test_one_of_two_alarms_taken_back_leaves_the_other(entry: QueueEntry, lin: User) -> None:
    raised = raise_alarm(entry.conversation, "fraud", by=lin)
    raise_alarm(entry.conversation, "injury", by=lin)
    correct(raised, "none", by=lin)
    assert (now_of(entry).tier, now_of(entry).parts["inputs"]["dangers"]) == (0, ["injury"])


def test_weights_are_followed_in_batches_and_once_more_after_a_moment(
    entry: QueueEntry, chen: User, mei: Customer, email_inbox: Inbox
) -> None:
    change_weights(by=chen, severity=0.3, value=0.5)
    run_pending_jobs()
    assert now_of(entry).weights_version == 2
    # Another process still remembered the old weights when it placed this one.
    behind = waiting(mei, email_inbox)
    QueueEntry.objects.filter(pk=behind.pk).update(weights_version=1)
    again = Job.objects.get(task__endswith="rescore_queue", state="ready")
    assert again.run_after > timezone.now()
    Job.objects.filter(pk=again.pk).update(run_after=timezone.now())
    run_pending_jobs()
    assert now_of(behind).weights_version == 2
    assert not Job.objects.filter(task__endswith="rescore_queue", state="ready").exists()


def test_a_recomputation_of_clocks_scores_nothing_that_did_not_move(
    entry: QueueEntry, care_team: Team, admin: User
) -> None:
    QueueEntry.objects.filter(pk=entry.pk).update(weights_version=0)
    team_hours_changed(TeamCalendar(team=care_team), by=admin)
    event = Event.objects.get(name="team_hours.changed")
    recompute_after(event)
    recompute_after(event)
    moved = Event.objects.filter(name="clock.retargeted").count()
    assert now_of(entry).weights_version == (1 if moved else 0)


def test_two_merged_records_cannot_lead_in_a_circle(mei: Customer, james: Customer, admin: User) -> None:
    merge(mei, james, by=admin)
    with pytest.raises(InvalidInput):
        merge(james, Customer.objects.get(pk=mei.pk), by=admin)


def test_an_administrator_sets_the_tier_and_merges_in_the_settings(
    client: Client, admin: User, entry: QueueEntry, mei: Customer, james: Customer
) -> None:
    client.force_login(admin)
    inlines = {f"{name}-{count}_FORMS": "0" for name in ("identities", "consents") for count in ("TOTAL", "INITIAL")}
    fields = {"name": "王雨晴", "language": "zh", "value_tier": "vip", "profile": "{}", **inlines}
    assert client.post(f"/admin/customers/customer/{mei.pk}/change/", fields).status_code == 302
    run_pending_jobs()
    assert now_of(entry).parts["inputs"]["is_vip"] is True
    picked = {"action": "merge_into_the_oldest", "_selected_action": [str(mei.pk), str(james.pk)]}
    assert client.post("/admin/customers/customer/", picked).status_code == 302
    assert Customer.objects.get(pk=james.pk).merged_into == mei


def test_a_finding_below_the_least_confidence_raises_nothing(entry: QueueEntry) -> None:
    assert prioritise(entry.conversation, [Finding("crisis", "fraud", 0.69)]).tier == 2
