"""The second tier: a law's deadline that is close goes before ordinary work, by its due time (domain brief 5.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from careloop.accounts.models import User
from careloop.conversations.models import Inbox
from careloop.conversations.services.holding import snooze
from careloop.conversations.services.posting import post_reply
from careloop.conversations.services.resolution import resolve
from careloop.customers.models import Customer
from careloop.routing.explaining import explanation
from careloop.routing.models import QueueEntry
from careloop.routing.services.queue import score_sorted
from careloop.routing.tests.factories import waiting
from careloop.sla.models import Clock
from careloop.sla.services.by_law import extend, final_reply_sent, pause, resume, start_law, withdraw
from careloop.sla.services.watching import watch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture
def entry(mei: Customer, email_inbox: Inbox) -> QueueEntry:
    return waiting(mei, email_inbox, handling_class="C")


def begin(entry: QueueEntry, by: User, law: str = "cn_nfra") -> Clock:
    return start_law(entry.conversation, law, received_at=timezone.now(), by=by)[-1]


def tier(entry: QueueEntry) -> int:
    entry.refresh_from_db()
    return entry.tier


def test_a_deadline_far_away_changes_nothing_and_a_close_one_leads(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin)
    assert tier(entry) == 2
    with time_machine.travel(clock.warn_at + timedelta(minutes=1)):
        watch()
        assert (tier(entry), entry.due_at) == (1, clock.due_at)
        assert explanation(entry).headline == "A legal deadline is close"
        assert "Legal deadline" in {part.label for part in explanation(entry).parts}


def test_what_was_answered_comes_back_when_the_law_presses(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin)
    post_reply(entry.conversation, by=lin, text="我们正在核实。")
    entry.refresh_from_db()
    assert entry.state == QueueEntry.State.IDLE
    with time_machine.travel(clock.warn_at + timedelta(minutes=1)):
        watch()
        assert (tier(entry), entry.state) == (1, QueueEntry.State.QUEUED)


def test_what_sleeps_is_woken_when_the_law_presses(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin)
    snooze(entry.conversation, wake_at=timezone.now() + timedelta(days=60), by=lin)
    with time_machine.travel(clock.warn_at + timedelta(minutes=1)):
        watch()
        entry.conversation.refresh_from_db()
        assert (tier(entry), entry.conversation.state) == (1, "open")


def test_what_is_resolved_is_left_alone(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin)
    resolve(entry.conversation, by=lin, solved=True, satisfied=True, outcome="explained", cause="service")
    with time_machine.travel(clock.due_at + timedelta(days=1)):
        watch()
    entry.refresh_from_db()
    assert entry.state == QueueEntry.State.IDLE


def test_an_extension_gives_the_place_back_and_an_end_too(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin)
    with time_machine.travel(clock.warn_at + timedelta(minutes=1)):
        watch()
        assert tier(entry) == 1
        extend(clock, "approved", reason="经审批", by=lin)
        # What the customer must be told by the first day is close now.
        assert (tier(entry), entry.due_at) == (1, Clock.objects.get(kind="interim").due_at)
        notice = Clock.objects.get(kind="interim")
        withdraw(notice, reason="不适用", by=lin)
        assert tier(entry) == 2


def test_a_final_reply_that_was_sent_ends_the_lead(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin, "cn_miit_firm")
    with time_machine.travel(clock.warn_at + timedelta(minutes=1)):
        watch()
        final_reply_sent(clock, by=lin)
        assert tier(entry) == 2


def test_late_by_law_stays_before_ordinary_work(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin)
    with time_machine.travel(clock.due_at + timedelta(days=3)):
        watch()
        assert (tier(entry), entry.parts["case"]["is_late"]) == (1, True)


def test_an_authoritys_own_time_never_leads(entry: QueueEntry, lin: User) -> None:
    clock = begin(entry, lin, "cn_samr")
    pause(clock, reason="送检", by=lin)
    resume(clock, by=lin)
    with time_machine.travel(clock.due_at + timedelta(days=1)):
        watch()
        assert tier(entry) == 2
        assert entry.parts["inputs"]["statutory"] is None


def test_the_earlier_deadline_of_two_laws_comes_first(
    mei: Customer, james: Customer, email_inbox: Inbox, admin: User
) -> None:
    first, second = (waiting(customer, email_inbox, handling_class="C") for customer in (mei, james))
    later, sooner = begin(first, admin, "cn_miit_firm"), begin(second, admin, "cn_tour")
    with time_machine.travel(later.warn_at + timedelta(minutes=1)):
        watch()
        page: Any = score_sorted(admin)
        assert [entry.pk for entry in page.entries] == [second.pk, first.pk]
    assert sooner.due_at < later.due_at
