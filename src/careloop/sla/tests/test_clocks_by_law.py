"""Clocks of laws: begun by a complaint, ended by what the law wants, lengthened only as it says (mission 43)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from careloop.accounts.models import User
from careloop.business_hours.models import Calendar, Holiday
from careloop.business_hours.services import publish
from careloop.common.errors import Conflict, InvalidInput, NotAllowed
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Inbox
from careloop.conversations.services.posting import post_automatic, post_reply
from careloop.conversations.services.resolution import reopen, resolve
from careloop.customers.models import Customer
from careloop.sla.models import Clock, ClockExtension, RegimeInUse
from careloop.sla.services import by_law
from careloop.sla.services.due import next_due
from careloop.sla.services.recomputing import recompute_after
from careloop.sla.services.starting import retarget, start_clocks
from careloop.sla.services.switching import switch_off, switch_on
from careloop.sla.services.watching import watch
from careloop.sla.tests.factories import at, found, wrote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]

RECEIVED = at(5, 10)  # Thursday, 5 November 2026
COMPLAINT = found(handling_class="D", nature="service")


@pytest.fixture
def written(mei: Customer, email_inbox: Inbox) -> Conversation:
    return wrote(mei, email_inbox, RECEIVED).conversation


def begin(conversation: Conversation, received_at: datetime = RECEIVED) -> list[Clock]:
    return by_law.start_by_law(conversation, COMPLAINT, received_at=received_at)


def last_day(clock: Clock, zone: str = "Asia/Shanghai") -> date:
    return clock.due_at.astimezone(ZoneInfo(zone)).date()


def names() -> list[str]:
    return list(Event.objects.filter(subject__in=("clock", "law")).order_by("pk").values_list("name", flat=True))


def test_no_law_is_on_when_the_desk_is_new(written: Conversation, django_assert_num_queries: Any) -> None:
    assert not RegimeInUse.objects.exists()
    by_law.laws_in_use()  # remembered for seconds
    with django_assert_num_queries(0):
        assert by_law.start_by_law(written, COMPLAINT, received_at=RECEIVED) == []


def test_a_complaint_starts_acknowledgement_and_final_reply(written: Conversation, admin: User) -> None:
    switch_on("us_dot", by=admin)
    kinds = {clock.kind: last_day(clock, "America/New_York") for clock in begin(written)}
    assert kinds == {"acknowledgement": date(2026, 12, 4), "final_reply": date(2027, 1, 3)}
    written.refresh_from_db()
    assert written.next_due_at == Clock.objects.get(kind="acknowledgement").due_at
    assert begin(written) == []  # a second message starts nothing anew
    assert names() == ["law.switched_on", "clock.started"]


def test_an_inquiry_starts_nothing(written: Conversation, admin: User) -> None:
    switch_on("cn_miit_firm", by=admin)
    assert by_law.start_by_law(written, found(handling_class="A"), received_at=RECEIVED) == []


def test_a_law_counts_for_its_inbox_team_and_nature_only(
    written: Conversation, admin: User, api_inbox: Inbox, email_inbox: Inbox, care_team: Any
) -> None:
    switch_on("cn_air", by=admin, inbox=api_inbox)
    switch_on("cn_nfra", by=admin, nature="quality")
    switch_on("cn_miit_firm", by=admin, inbox=email_inbox, nature="service", team=written.team)
    assert [clock.policy_row for clock in begin(written)] == ["cn_miit_firm"]


def test_only_an_administrator_switches_laws_and_each_once(admin: User, lin: User) -> None:
    with pytest.raises(NotAllowed):
        switch_on("cn_air", by=lin)
    row = switch_on("cn_air", by=admin)
    with pytest.raises(Conflict):
        switch_on("cn_air", by=admin)
    with pytest.raises(InvalidInput):
        switch_on("cn_moon", by=admin)
    switch_off(row, by=admin)
    assert names() == ["law.switched_on", "law.switched_off"]


def test_switching_off_keeps_what_is_owed(written: Conversation, admin: User) -> None:
    row = switch_on("cn_miit_firm", by=admin)
    clock = begin(written)[0]
    switch_off(row, by=admin)
    clock.refresh_from_db()
    assert (clock.is_open, last_day(clock)) == (True, date(2026, 11, 20))


def test_a_persons_answer_acknowledges_and_an_automatic_one_does_not(
    written: Conversation, admin: User, lin: User
) -> None:
    switch_on("us_dot", by=admin)
    begin(written)
    post_automatic(written, text="We have it.", purpose="acknowledgement", at=at(5, 10, 1))
    assert Clock.objects.open().count() == 2
    post_reply(written, by=lin, text="我们已收到您的投诉。", at=at(6, 10))
    states = dict(Clock.objects.by_law().values_list("kind", "state"))
    assert states == {"acknowledgement": "met", "final_reply": "running"}


def test_the_solution_ends_the_final_reply_and_reopening_owes_it_from_the_receipt_on(
    written: Conversation, admin: User, lin: User
) -> None:
    switch_on("cn_miit_firm", by=admin)
    clock = begin(written)[0]
    resolve(written, by=lin, solved=True, satisfied=True, outcome="explained", cause="service", at=at(9, 10))
    clock.refresh_from_db()
    assert clock.state == "met"
    reopen(written, by=lin, reason="customer_wrote", at=at(10, 10))
    again = Clock.objects.open().by_law().get()
    assert (again.due_at, again.started_at) == (clock.due_at, RECEIVED)


def test_a_final_reply_that_a_person_called_sent_is_not_owed_again(
    written: Conversation, admin: User, lin: User
) -> None:
    switch_on("us_dot", by=admin)
    final = next(clock for clock in begin(written) if clock.kind == "final_reply")
    by_law.final_reply_sent(final, by=lin, at=at(8, 10))
    assert not Clock.objects.open().by_law().exists()  # it acknowledges too
    with pytest.raises(Conflict):
        by_law.final_reply_sent(final, by=lin)
    resolve(written, by=lin, solved=True, satisfied=True, outcome="explained", cause="service", at=at(9, 10))
    reopen(written, by=lin, reason="customer_wrote", at=at(10, 10))
    assert not Clock.objects.open().by_law().exists()


def test_an_extension_counts_from_the_receipt_and_owes_a_notice_by_the_first_day(
    written: Conversation, admin: User, lin: User
) -> None:
    switch_on("cn_nfra", by=admin)
    clock = begin(written)[0]
    by_law.extend(clock, "complex", reason="  需向合作机构核实 ", by=lin, at=at(16, 9))
    assert last_day(clock) == date(2026, 12, 5)
    notice = Clock.objects.open().get(kind="interim")
    assert last_day(notice) == date(2026, 11, 20)
    kept = ClockExtension.objects.get()
    assert (kept.reason, kept.by, kept.to_due) == ("需向合作机构核实", lin, clock.due_at)
    post_reply(written, by=lin, text="需要延长，原因如下。", at=at(17, 9))
    notice.refresh_from_db()
    assert notice.state == "met"
    with pytest.raises(InvalidInput):
        by_law.extend(clock, "complex", reason="again", by=lin, at=at(18, 9))
    by_law.extend(clock, "approved", reason="经内部审批", by=lin, at=at(18, 9))
    assert last_day(clock) == date(2027, 1, 4)


@pytest.mark.parametrize(("key", "reason"), [("complex", " "), ("for_ever", "because")])
def test_more_time_than_the_law_knows_or_without_a_reason_is_refused(
    written: Conversation, admin: User, lin: User, key: str, reason: str
) -> None:
    switch_on("cn_nfra", by=admin)
    clock = begin(written)[0]
    with pytest.raises(InvalidInput):
        by_law.extend(clock, key, reason=reason, by=lin)
    assert not ClockExtension.objects.exists()


def test_what_is_late_is_not_lengthened(written: Conversation, admin: User, lin: User) -> None:
    switch_on("cn_nfra", by=admin)
    clock = begin(written)[0]
    watch(now=at(21, 9))
    with pytest.raises(Conflict):
        by_law.extend(clock, "complex", reason="too late", by=lin)


def test_a_law_without_a_pause_knows_none(written: Conversation, admin: User, lin: User) -> None:
    switch_on("cn_nfra", by=admin)
    with pytest.raises(InvalidInput):
        by_law.pause(begin(written)[0], reason="testing", by=lin)


def test_where_the_law_says_so_the_time_stands_still(written: Conversation, admin: User, lin: User) -> None:
    clock = by_law.start_law(written, "cn_samr", received_at=RECEIVED, by=lin)[0]
    before = last_day(clock)
    by_law.pause(clock, reason="送检", by=lin, at=at(10, 9))
    assert watch(now=at(12, 9)) == 0
    by_law.resume(clock, by=lin, at=at(17, 9))  # five business days later
    assert (before, last_day(clock), clock.state) == (date(2027, 1, 7), date(2027, 1, 14), "running")
    with pytest.raises(Conflict):
        by_law.resume(clock, by=lin)


def test_an_authoritys_time_is_shown_and_presses_nobody(written: Conversation, lin: User) -> None:
    clock = by_law.start_law(written, "cn_samr_clue", received_at=RECEIVED, by=lin)[0]
    assert (clock.kind, next_due([written.pk])) == ("context", {})
    watch(now=at(30, 9))
    clock.refresh_from_db()
    assert (clock.state, clock.breached_at, clock.warned_at) == ("passed", None, RECEIVED)
    assert names()[-1] == "clock.passed"


def test_a_person_starts_a_law_with_the_day_it_was_received(written: Conversation, lin: User) -> None:
    clock = by_law.start_law(written, "cn_tour", received_at=at(2, 9), by=lin)[0]
    assert last_day(clock) == date(2026, 11, 12)
    for law, received in (("cn_tour", at(2, 9)), ("cn_moon", at(2, 9)), ("cn_air", datetime(2999, 1, 1).astimezone())):
        with pytest.raises((Conflict, InvalidInput)):
            by_law.start_law(written, law, received_at=received, by=lin)
    with pytest.raises(InvalidInput):
        by_law.start_law(written, "uk_ofcom", received_at=datetime(2026, 3, 1, tzinfo=ZoneInfo("UTC")), by=lin)


def test_a_law_that_does_not_count_after_all_is_withdrawn_with_a_reason(
    written: Conversation, admin: User, lin: User
) -> None:
    switch_on("us_dot", by=admin)
    clocks = begin(written)
    with pytest.raises(InvalidInput):
        by_law.withdraw(clocks[0], reason="", by=lin)
    by_law.withdraw(clocks[0], reason="不是投诉", by=lin)
    assert set(Clock.objects.by_law().values_list("state", flat=True)) == {"cancelled"}
    assert Event.objects.get(name="law.withdrawn").data == {"row": "us_dot", "reason": "不是投诉"}


def test_our_own_promises_stay_as_they_were(
    written: Conversation, mei: Customer, email_inbox: Inbox, lin: User
) -> None:
    message = wrote(mei, email_inbox, at(5, 11), conversation=written)
    start_clocks(written, message, COMPLAINT)
    own = set(Clock.objects.by_promise().values_list("kind", "due_at"))
    by_law.start_law(written, "cn_miit_firm", received_at=RECEIVED, by=lin)
    start_clocks(written, message, COMPLAINT)
    retarget(written, COMPLAINT)
    assert set(Clock.objects.by_promise().values_list("kind", "due_at")) == own
    assert {kind for kind, _ in own} == {"first_response", "resolution"}


def test_a_published_holiday_moves_what_counts_in_business_days(written: Conversation, admin: User) -> None:
    calendar = Calendar.objects.get(is_default=True)
    switch_on("cn_air", by=admin, calendar=calendar)
    clock = begin(written)[0]
    assert (last_day(clock), clock.schedule) == (date(2026, 11, 19), f"{calendar.slug}@1")
    Holiday.objects.create(calendar=calendar, date=date(2026, 11, 11), name="Day off")
    publish(calendar, by=admin)
    published = Event.objects.get(name="calendar.published", data__edition=f"{calendar.slug}@2")
    recompute_after(published, now=at(9, 9))
    clock.refresh_from_db()
    assert (last_day(clock), clock.schedule) == (date(2026, 11, 20), f"{calendar.slug}@2")
    assert clock.get_moved_because_display() == "the working hours changed"
