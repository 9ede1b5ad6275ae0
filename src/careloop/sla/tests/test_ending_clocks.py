"""How clocks end: met, late, cancelled; warned of before; shown with principle and key action."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from careloop.common.models import Event
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.sla.models import Clock, ResponseTarget
from careloop.sla.services.due import next_due
from careloop.sla.services.panel import clock_lines
from careloop.sla.services.starting import retarget, start_clocks
from careloop.sla.services.stopping import cancel_all, cancel_responses, stop_all, stop_responses
from careloop.sla.services.watching import watch
from careloop.sla.tests.factories import TUESDAY, at, found, wrote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture
def owed(mei: Customer, email_inbox: Inbox) -> Conversation:
    """An order question of Tuesday 10:00: answer due 15:00, warning at 14:00."""
    message = wrote(mei, email_inbox, TUESDAY)
    start_clocks(message.conversation, message, found(handling_class="B"))
    return message.conversation


@pytest.fixture
def product_problem(mei: Customer, email_inbox: Inbox) -> Conversation:
    """A product problem of Tuesday 10:00: answer and solution due on Wednesday 10:00."""
    message = wrote(mei, email_inbox, TUESDAY)
    start_clocks(message.conversation, message, found(handling_class="C"))
    return message.conversation


def states() -> dict[str, str]:
    return dict(Clock.objects.values_list("kind", "state"))


def names() -> list[str]:
    return list(Event.objects.filter(name__startswith="clock.").order_by("id").values_list("name", flat=True))


def test_an_answer_in_time_meets_the_target(owed: Conversation) -> None:
    stop_responses(owed.pk, at=at(24, 15))
    assert states() == {"first_response": "met"}
    assert names()[-1] == "clock.met"


def test_an_answer_one_second_late_is_late_even_if_nobody_had_looked_yet(owed: Conversation) -> None:
    stop_responses(owed.pk, at=at(24, 15) + timedelta(seconds=1))
    clock = Clock.objects.get()
    assert (clock.state, clock.breached_at) == ("breached", at(24, 15))
    assert names()[-1] == "clock.breached"


def test_an_answer_does_not_end_the_solution_clock(product_problem: Conversation) -> None:
    stop_responses(product_problem.pk, at=at(24, 11))
    assert states() == {"first_response": "met", "resolution": "running"}


def test_resolving_ends_the_solution_clock_and_cancels_an_answer_nobody_needs(product_problem: Conversation) -> None:
    stop_all(product_problem.pk, at=at(24, 11))
    assert states() == {"first_response": "cancelled", "resolution": "met"}


def test_resolving_does_not_hide_an_answer_that_was_late(owed: Conversation) -> None:
    stop_all(owed.pk, at=at(24, 16))
    assert states() == {"first_response": "breached"}


def test_a_mere_thank_you_owes_no_answer(product_problem: Conversation) -> None:
    cancel_responses(product_problem.pk, at=at(24, 11))
    assert states() == {"first_response": "cancelled", "resolution": "running"}


def test_cancelling_everything_leaves_nothing_due(product_problem: Conversation) -> None:
    cancel_all(product_problem.pk, at=at(24, 11))
    assert Conversation.objects.get().next_due_at is None
    assert set(states().values()) == {"cancelled"}


def test_a_warning_comes_once_before_the_breach(owed: Conversation) -> None:
    assert watch(now=at(24, 13, 59)) == 0
    assert watch(now=at(24, 14)) == 1
    assert watch(now=at(24, 14, 30)) == 0
    assert names()[-1] == "clock.warned"


def test_a_breach_is_told_once_and_the_clock_stays_open(owed: Conversation) -> None:
    assert [watch(now=at(24, 15, 1)), watch(now=at(24, 15, 2))] == [1, 0]
    clock = Clock.objects.get()
    assert (clock.state, clock.stopped_at, clock.breached_at) == ("breached", None, at(24, 15))
    assert names().count("clock.breached") == 1
    stop_responses(owed.pk, at=at(24, 16))
    assert names().count("clock.breached") == 1


def test_what_was_late_stays_late_after_a_correction(owed: Conversation) -> None:
    watch(now=at(24, 15, 1))
    retarget(owed, found(handling_class="D"))
    stop_responses(owed.pk, at=at(24, 16))
    assert states()["first_response"] == "breached"


def test_a_correction_that_leaves_more_time_warns_anew(owed: Conversation) -> None:
    watch(now=at(24, 14))
    retarget(owed, found(handling_class="D"))
    assert Clock.objects.get(kind="first_response").warned_at is None


def test_watching_reads_only_rows_whose_moment_has_come(owed: Conversation) -> None:
    """Both questions are answered by their partial index, never by reading the table."""
    for rows in (Clock.objects.overdue(TUESDAY).order_by("due_at"), Clock.objects.to_warn(TUESDAY).order_by("warn_at")):
        if connection.vendor == "sqlite":
            assert "USING INDEX clock_" in rows.explain()


def test_the_earliest_due_clock_of_many_conversations_is_one_query(
    owed: Conversation, product_problem: Conversation, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found_due = next_due([owed.pk, product_problem.pk, 10**9])
    assert {pk: clock.due_at for pk, clock in found_due.items()} == {
        owed.pk: at(24, 15),
        product_problem.pk: at(25, 10),
    }


def test_the_panel_shows_principle_and_key_action_in_both_languages(owed: Conversation) -> None:  # mission 60
    with translation.override("zh-hans"):
        line = clock_lines(owed, now=at(24, 14, 30))[0]
        assert (line.row, line.principle, line.key_action) == ("订单问题", "快速解决", "查询状态，给出方案。")
    with translation.override("en"):
        assert clock_lines(owed, now=at(24, 14, 30))[0].principle == "Solved quickly"
    assert (line.seconds_left, line.is_soon, line.is_late) == (1800, True, False)


def test_every_shipped_row_is_complete_in_both_languages() -> None:
    for row in ResponseTarget.objects.all():
        row.full_clean()
        for field in ("name", "principle", "key_action"):
            assert getattr(row, field)
            assert getattr(row, f"{field}_zh")


def test_loading_again_keeps_what_an_administrator_changed() -> None:
    from careloop.sla.loading import load_shipped_targets

    ResponseTarget.objects.filter(code="order").update(seconds=7200)
    assert load_shipped_targets() == 0
    assert ResponseTarget.objects.get(code="order").seconds == 7200


@pytest.mark.parametrize(
    "fields", [{"seconds": 0}, {"warn_share": 2}, {"when": [{"colour": ["red"]}]}, {"when": {}}, {"when": [{}]}]
)
def test_a_row_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    from django.core.exceptions import ValidationError

    for field, value in fields.items():
        row = ResponseTarget.objects.get(code="order")
        setattr(row, field, value)
        with pytest.raises(ValidationError):
            row.full_clean()


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_tell_each_breach_once(owed: Conversation) -> None:
    barrier = Barrier(2)

    def run() -> None:
        barrier.wait()
        watch(now=at(24, 16))
        connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names().count("clock.breached") == 1
