"""Running clocks follow a change of working hours or targets, in a job, and only those it can touch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from careloop.business_hours.models import Calendar, Holiday
from careloop.business_hours.services import publish
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.sla.models import Clock, ResponseTarget, TeamCalendar
from careloop.sla.services import recomputing
from careloop.sla.services.panel import clock_lines
from careloop.sla.services.recomputing import target_changed
from careloop.sla.services.starting import mark_checked, start_clocks
from careloop.sla.services.stopping import stop_all
from careloop.sla.services.watching import watch
from careloop.sla.tests.factories import SHANGHAI, TUESDAY, at, found, wrote
from careloop.triage.services.correcting import label_by_hand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture(autouse=True)
def _ten_past_ten() -> Any:
    with time_machine.travel(TUESDAY + timedelta(minutes=10)):
        yield


def running(customer: Customer, inbox: Inbox, **labels: str) -> Conversation:
    """A conversation of Tuesday ten o'clock whose clocks run, with these findings kept as predictions."""
    message = wrote(customer, inbox, TUESDAY)
    for head, label in labels.items():
        label_by_hand(message.conversation, head, label, by=None, source="rules")
    start_clocks(message.conversation, message, found(**labels))
    run_pending_jobs()
    return message.conversation


def answer_due(conversation: Conversation) -> datetime:
    return Clock.objects.get(conversation=conversation, kind="first_response").due_at.astimezone(SHANGHAI)


def close_on_tuesday_afternoon() -> None:
    """The default calendar is closed from noon on."""
    calendar = Calendar.objects.get(is_default=True)
    Holiday.objects.create(calendar=calendar, date=at(24, 0).date(), name="Stocktaking", windows=["09:00-12:00"])
    publish(calendar)


def change(code: str, **fields: Any) -> None:
    row = ResponseTarget.objects.get(code=code)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    target_changed(row, by=None)


def test_a_holiday_moves_what_is_due(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    before = answer_due(conversation)
    close_on_tuesday_afternoon()
    run_pending_jobs()
    assert answer_due(conversation) > before
    assert answer_due(conversation).date() == at(25, 0).date()
    conversation.refresh_from_db()
    assert conversation.next_due_at == min(Clock.objects.values_list("due_at", flat=True))
    assert Clock.objects.get(kind="first_response").schedule.endswith("@2")


def test_a_target_that_became_longer_moves_what_is_due(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    change("order", seconds=2 * 14400 // 3)
    run_pending_jobs()
    assert answer_due(conversation) < at(24, 15)
    change("order", seconds=14400)
    run_pending_jobs()
    assert answer_due(conversation) == at(24, 15)


def test_a_shorter_target_never_makes_late_what_was_in_time(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    change("order", seconds=60)
    run_pending_jobs()
    assert answer_due(conversation) == at(24, 15)
    watch()
    assert Clock.objects.get(kind="first_response").state == "running"


def test_what_was_late_stays_late(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    watch(now=at(24, 16))
    change("order", seconds=28800)
    run_pending_jobs()
    clock = Clock.objects.get(conversation=conversation, kind="first_response")
    assert (clock.state, clock.breached_at) == ("breached", at(24, 15))


def test_what_has_ended_is_left_alone(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    stop_all(conversation.pk, at=TUESDAY)
    before = list(Clock.objects.values())
    close_on_tuesday_afternoon()
    change("order", seconds=28800)
    run_pending_jobs()
    assert list(Clock.objects.values()) == before


def test_the_hour_that_began_with_a_check_follows_its_own_row(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    mark_checked(conversation, found(handling_class="B"), by=None, at=TUESDAY)
    change("class-b", seconds=7200)
    run_pending_jobs()
    clock = Clock.objects.get(kind="resolution")
    assert (clock.policy_row, clock.due_at) == ("class-b", at(24, 12))


def test_another_teams_calendar_touches_nobody_else(mei: Customer, email_inbox: Inbox, wholesale_team: Any) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    other = Calendar.objects.create(slug="night", name="Night", windows=[["00:00-06:00"]] * 7)
    TeamCalendar.objects.create(team=wholesale_team, calendar=other)
    publish(other)
    other.windows = [["00:00-05:00"]] * 7
    other.save()
    publish(other)
    with CaptureQueriesContext(connection) as captured:
        run_pending_jobs()
    assert not [each for each in captured.captured_queries if each["sql"].startswith('UPDATE "sla_clock"')]
    assert answer_due(conversation) == at(24, 15)


def test_it_is_recorded_and_shown(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    close_on_tuesday_afternoon()
    run_pending_jobs()
    moved = Event.objects.filter(name="clock.retargeted", conversation_id=conversation.pk).latest("pk")
    assert "first_response" in [clock["clock"] for clock in moved.data["clocks"]]
    told = Event.objects.filter(name="clocks.recomputed").latest("pk")
    assert (told.data["because"], told.data["moved"]) == ("calendar.published", 1)
    assert "the working hours changed" in [line.moved for line in clock_lines(conversation)]


def test_a_change_that_moves_nothing_moves_nothing(mei: Customer, email_inbox: Inbox) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    change("order", note="Only a note.")
    run_pending_jobs()
    assert not Event.objects.filter(name="clock.retargeted", conversation_id=conversation.pk).exists()
    assert Event.objects.get(name="clocks.recomputed", subject="target").data["moved"] == 0


def test_many_are_done_in_batches_one_behind_the_other(
    mei: Customer, email_inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "BATCH", 2)
    rows = [running(mei, email_inbox, handling_class="B") for _ in range(5)]
    change("order", seconds=18000)
    run_pending_jobs()
    assert {answer_due(row) for row in rows} == {at(24, 16)}
    assert Event.objects.get(name="clocks.recomputed", subject="target").data["moved"] == 5


def test_saving_a_target_in_the_settings_sets_it_going(
    mei: Customer, email_inbox: Inbox, client: Client, admin: Any
) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    row = ResponseTarget.objects.get(code="order")
    client.force_login(admin)
    page = client.get(reverse("admin:sla_responsetarget_change", args=[row.pk]))
    form = {key: "" if value is None else value for key, value in page.context["adminform"].form.initial.items()}
    form |= {"seconds": 18000, "when": '[{"handling_class": ["B"]}]', "business": "on", "is_active": "on"}
    saved = client.post(reverse("admin:sla_responsetarget_change", args=[row.pk]), form, follow=True)
    assert "being worked out again" in saved.text
    run_pending_jobs()
    assert answer_due(conversation) == at(24, 16)
    assert Event.objects.get(name="target.changed").actor == admin


def test_giving_a_team_its_own_hours_in_the_settings_sets_it_going(
    mei: Customer, email_inbox: Inbox, care_team: Any, client: Client, admin: Any
) -> None:
    conversation = running(mei, email_inbox, handling_class="B")
    morning = Calendar.objects.create(slug="morning", name="Morning", windows=[["09:00-11:00"]] * 7)
    publish(morning)
    client.force_login(admin)
    client.post(reverse("admin:sla_teamcalendar_add"), {"team": care_team.pk, "calendar": morning.pk})
    run_pending_jobs()
    assert answer_due(conversation) > at(25, 9)
    assert Clock.objects.get(kind="first_response").schedule == "morning@1"
