"""Which clocks a message starts, by which row, and when they are due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from careloop.common.models import Event
from careloop.conversations.models import Conversation, Inbox
from careloop.conversations.services.posting import post_reply
from careloop.customers.models import Customer
from careloop.sla.models import Clock, ResponseTarget, TeamCalendar
from careloop.sla.services.starting import mark_checked, restart_resolution, retarget, start_clocks
from careloop.sla.services.stopping import stop_all, stop_responses
from careloop.sla.tests.factories import TUESDAY, TUESDAY_EVENING, Finding, at, found, wrote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


def due(clocks: list[Clock], kind: str) -> tuple[str, datetime]:
    clock = next(clock for clock in clocks if clock.kind == kind)
    return clock.policy_row, clock.due_at


@pytest.mark.parametrize(
    ("facts", "row", "hour"),
    [
        ({"phase": "pre_sales"}, "pre-sales", at(24, 11)),
        ({"handling_class": "A"}, "pre-sales", at(24, 11)),
        ({"handling_class": "B"}, "order", at(24, 15)),
        ({"handling_class": "C"}, "product", at(25, 10)),
        ({"handling_class": "D"}, "complaint", at(25, 10)),
        ({"handling_class": "D", "crisis": "injury"}, "emergency", at(24, 10, 5)),
        ({"nature": "quality", "severity": "severe"}, "emergency", at(24, 10, 5)),
        ({}, "anything-else", at(24, 15)),
    ],
)
def test_the_first_answer_follows_the_table_of_the_guide(
    mei: Customer, email_inbox: Inbox, facts: dict[str, str], row: str, hour: datetime
) -> None:  # missions 55-59
    message = wrote(mei, email_inbox, TUESDAY)
    clocks = start_clocks(message.conversation, message, found(**facts))
    assert due(clocks, "first_response") == (row, hour)


@pytest.mark.parametrize(
    ("channel_kind", "day", "night"),
    [("direct", at(24, 11), at(25, 10)), ("public_comment", at(24, 12), at(25, 10))],
)
def test_private_messages_have_one_hour_comments_two_and_off_hours_one_after_opening(
    mei: Customer, api_inbox: Inbox, channel_kind: str, day: datetime, night: datetime
) -> None:  # missions 61, 62
    for moment, expected in ((TUESDAY, day), (TUESDAY_EVENING, night)):
        message = wrote(mei, api_inbox, moment, channel_kind=channel_kind)
        clocks = start_clocks(message.conversation, message, found(handling_class="C"))
        assert due(clocks, "first_response")[1] == expected


def test_safety_is_due_in_minutes_on_a_sunday_night(mei: Customer, email_inbox: Inbox) -> None:  # mission 63
    message = wrote(mei, email_inbox, at(22, 23))
    clocks = start_clocks(message.conversation, message, found(crisis="safety"))
    assert due(clocks, "first_response") == ("emergency", at(22, 23, 5))


def test_a_faint_crisis_signal_does_not_stop_the_desk(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, TUESDAY)
    clocks = start_clocks(message.conversation, message, [Finding("crisis", "injury", confidence=0.3)])
    assert due(clocks, "first_response")[0] == "anything-else"


def test_a_vip_is_answered_within_half_an_hour(mei: Customer, email_inbox: Inbox) -> None:  # mission 138
    mei.value_tier = "vip"
    mei.save()
    message = wrote(mei, email_inbox, TUESDAY)
    clocks = start_clocks(message.conversation, message, found(handling_class="B"))
    assert due(clocks, "first_response") == ("vip", at(24, 10, 30))


@pytest.mark.parametrize(
    ("handling_class", "row", "hour"),
    [("A", "class-a", at(24, 11)), ("C", "class-c", at(25, 10)), ("D", "class-d", at(26, 10))],
)
def test_the_solution_follows_the_handling_class(
    mei: Customer, email_inbox: Inbox, handling_class: str, row: str, hour: datetime
) -> None:  # missions 73, 75-77
    message = wrote(mei, email_inbox, TUESDAY)
    clocks = start_clocks(message.conversation, message, found(handling_class=handling_class))
    assert due(clocks, "resolution") == (row, hour)


def test_class_b_has_one_hour_from_the_moment_the_facts_are_checked(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, TUESDAY)  # mission 74
    findings = found(handling_class="B")
    clocks = start_clocks(message.conversation, message, findings)
    assert [clock.kind for clock in clocks] == ["first_response"]
    clock = mark_checked(message.conversation, findings, by=None, at=at(24, 11, 30))
    assert clock is not None
    assert (clock.policy_row, clock.due_at) == ("class-b", at(24, 13, 30))
    assert Event.objects.filter(name="conversation.checked").count() == 1


def test_a_second_message_before_the_answer_starts_no_second_clock(mei: Customer, email_inbox: Inbox) -> None:
    first = wrote(mei, email_inbox, TUESDAY)
    start_clocks(first.conversation, first, found(handling_class="C"))
    second = wrote(mei, email_inbox, at(24, 11), conversation=first.conversation)
    clocks = start_clocks(second.conversation, second, found(handling_class="A"))
    assert due(clocks, "first_response")[0] == "pre-sales"
    assert Clock.objects.count() == 2


def test_a_friendly_second_message_does_not_lengthen_the_promise(mei: Customer, email_inbox: Inbox) -> None:
    first = wrote(mei, email_inbox, TUESDAY)
    start_clocks(first.conversation, first, found(crisis="injury"))
    second = wrote(mei, email_inbox, at(24, 10, 1), conversation=first.conversation)
    clocks = start_clocks(second.conversation, second, found(handling_class="A"))
    assert due(clocks, "first_response") == ("emergency", at(24, 10, 5))


def test_running_the_step_twice_starts_each_clock_once(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, TUESDAY)
    for _ in range(2):
        start_clocks(message.conversation, message, found(handling_class="C"))
    assert sorted(Clock.objects.values_list("kind", flat=True)) == ["first_response", "resolution"]
    assert Event.objects.filter(name="clock.started").count() == 1


def test_the_next_customer_message_after_our_answer_starts_the_next_response(
    mei: Customer, email_inbox: Inbox, lin: Any
) -> None:
    first = wrote(mei, email_inbox, TUESDAY)
    conversation = first.conversation
    start_clocks(conversation, first, found(handling_class="B"))
    post_reply(conversation, by=lin, text="已收到，正在查询。", at=at(24, 10, 30))
    stop_responses(conversation.pk, at=at(24, 10, 30))
    second = wrote(mei, email_inbox, at(24, 11), conversation=conversation)
    clocks = start_clocks(conversation, second, found(handling_class="B"))
    assert due(clocks, "next_response") == ("order", at(24, 16))


def test_reopening_starts_a_new_solution_clock_and_keeps_the_old_verdict(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, TUESDAY)
    start_clocks(message.conversation, message, found(handling_class="C"))
    stop_all(message.conversation_id, at=at(24, 15))
    clock = restart_resolution(message.conversation, found(handling_class="C"), at=at(25, 9))
    assert clock is not None
    assert clock.due_at == at(26, 10)  # 24 hours end as we open, so one hour later
    assert set(Clock.objects.filter(kind="resolution").values_list("state", flat=True)) == {"met", "running"}


def test_a_correction_moves_the_clock_from_the_customers_message_on(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, TUESDAY)
    start_clocks(message.conversation, message, found(handling_class="A"))
    clocks = retarget(message.conversation, found(handling_class="D"))
    assert due(clocks, "first_response") == ("complaint", at(25, 10))
    assert due(clocks, "resolution") == ("class-d", at(26, 10))
    event = Event.objects.get(name="clock.retargeted")
    assert {clock["from_row"] for clock in event.data["clocks"]} == {"pre-sales", "class-a"}


def test_a_clock_keeps_what_it_was_judged_by(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, TUESDAY)
    start_clocks(message.conversation, message, found(handling_class="C", severity="moderate"))
    clock = Clock.objects.get(kind="first_response")
    assert clock.facts["severity"] == ["moderate"]
    assert (clock.schedule, clock.target_seconds, clock.business) == ("care@1", 43200, False)


def test_the_earliest_due_time_is_kept_beside_the_conversation(mei: Customer, email_inbox: Inbox) -> None:
    message = wrote(mei, email_inbox, TUESDAY)
    start_clocks(message.conversation, message, found(handling_class="C"))
    assert Conversation.objects.get().next_due_at == at(25, 10)


def test_a_team_may_keep_hours_of_its_own(mei: Customer, email_inbox: Inbox, care_team: Any) -> None:
    from careloop.business_hours.models import Calendar

    TeamCalendar.objects.create(team=care_team, calendar=Calendar.objects.get(slug="around-the-clock"))
    message = wrote(mei, email_inbox, TUESDAY_EVENING)
    clocks = start_clocks(message.conversation, message, found(handling_class="A"))
    assert due(clocks, "first_response")[1] == at(24, 22)


def test_without_a_table_nothing_is_owed_and_nothing_breaks(mei: Customer, email_inbox: Inbox) -> None:
    ResponseTarget.objects.all().delete()
    message = wrote(mei, email_inbox, TUESDAY)
    assert start_clocks(message.conversation, message) == []


def test_starting_clocks_takes_three_queries_once_the_table_is_known(
    mei: Customer, email_inbox: Inbox, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    start_clocks((warm := wrote(mei, email_inbox, TUESDAY)).conversation, warm)
    message = wrote(mei, email_inbox, TUESDAY)
    with django_assert_max_num_queries(9) as counted:
        start_clocks(message.conversation, message, found(handling_class="C"))
    told = [query["sql"] for query in counted.captured_queries]
    assert len([sql for sql in told if "SAVEPOINT" not in sql and "pg_notify" not in sql]) == 3


def test_a_changed_row_counts_from_the_next_message_on(mei: Customer, email_inbox: Inbox) -> None:
    first = wrote(mei, email_inbox, TUESDAY)
    start_clocks(first.conversation, first, found(handling_class="A"))
    row = ResponseTarget.objects.get(code="pre-sales")
    row.seconds = 1800
    row.save()
    second = wrote(mei, email_inbox, TUESDAY)
    clocks = start_clocks(second.conversation, second, found(handling_class="A"))
    assert due(clocks, "first_response")[1] == at(24, 10, 30)
