"""Conversations find their people, through the real rows."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from careloop.accounts.models import Team, User
from careloop.accounts.services.presence import set_presence
from careloop.common.models import Event
from careloop.common.transaction import write
from careloop.conversations.models import Assignment, Conversation, Inbox
from careloop.conversations.services.holding import assign
from careloop.conversations.services.posting import Content, add_customer_message, post_reply
from careloop.customers.models import Customer
from careloop.routing.models import NatureTeam, QueueEntry
from careloop.routing.reasons import ASSIGNED, HELD, explain
from careloop.routing.services.prioritising import prioritise
from careloop.routing.services.queue import claim_next, score_sorted, whats_next
from careloop.routing.services.routing import pull_next_for, route
from careloop.routing.tests.factories import agent, ago, found, waiting
from careloop.sla.models import Clock
from careloop.sla.services.starting import start_clocks
from careloop.sla.services.watching import watch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


def test_work_goes_to_who_is_online_and_says_why(mei: Customer, email_inbox: Inbox, lin_online: User) -> None:
    entry = waiting(mei, email_inbox)
    route(entry.conversation, entry)
    assignment = Assignment.objects.get()
    assert (assignment.user, assignment.reason) == (lin_online, "round_robin")
    assert QueueEntry.objects.get().state == "claimed"


def test_the_round_goes_on_to_the_next_person(
    mei: Customer, james: Customer, email_inbox: Inbox, care_team: Team, lin_online: User
) -> None:
    wei = agent(care_team, "wei", languages=["zh"])
    set_presence(wei, "online", at=ago(minutes=5))
    owners = set()
    for customer in (mei, james):
        entry = waiting(customer, email_inbox)
        route(entry.conversation, entry)
        owners.add(entry.conversation.assignee_id)
    assert owners == {lin_online.pk, wei.pk}


def test_the_last_agent_of_the_customer_gets_the_next_conversation(
    mei: Customer, email_inbox: Inbox, care_team: Team, lin_online: User
) -> None:  # mission 138
    set_presence(agent(care_team, "wei", languages=["zh"]), "online", at=ago(minutes=5))
    for _ in range(2):
        entry = waiting(mei, email_inbox)
        route(entry.conversation, entry)
    first, second = Assignment.objects.order_by("pk")
    assert (first.user_id, second.reason) == (second.user_id, "sticky")


def test_a_serious_complaint_goes_to_the_lead_once(
    mei: Customer, email_inbox: Inbox, lin_online: User, chen: User
) -> None:  # mission 76
    entry = waiting(mei, email_inbox, handling_class="D")
    route(entry.conversation, entry)
    assert entry.conversation.assignee == chen
    assign(entry.conversation, user=lin_online, team=entry.conversation.team, by=chen, reason="你来跟进")
    assert route(entry.conversation, QueueEntry.objects.get()) is None
    assert entry.conversation.assignee == lin_online


def test_a_conversation_that_turns_serious_goes_up_to_the_lead(
    mei: Customer, email_inbox: Inbox, lin_online: User, chen: User
) -> None:
    entry = waiting(mei, email_inbox, handling_class="B")
    route(entry.conversation, entry)
    assert entry.conversation.assignee == lin_online
    entry = prioritise(entry.conversation, found(handling_class="D"))
    route(entry.conversation, entry)
    assert entry.conversation.assignee == chen


def test_with_nobody_online_it_stays_in_the_queue_and_says_why(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    entry = waiting(mei, email_inbox)
    for _ in range(2):
        choice = route(entry.conversation, QueueEntry.objects.get())
    assert choice is not None
    assert QueueEntry.objects.get().held_because == "nobody_online"
    assert Event.objects.filter(name="queue.held").count() == 1
    assert explain("nobody_online")


def test_nobody_gets_more_than_they_can_hold(mei: Customer, email_inbox: Inbox, lin_online: User) -> None:
    lin_online.capacity = 1
    lin_online.save()
    entries = [waiting(mei, email_inbox) for _ in range(2)]
    for entry in entries:
        route(entry.conversation, entry)
    assert list(QueueEntry.objects.order_by("pk").values_list("state", "held_because")) == [
        ("claimed", ""),
        ("queued", "all_full"),
    ]


def test_danger_is_given_even_to_somebody_full(mei: Customer, email_inbox: Inbox, lin_online: User) -> None:
    lin_online.capacity = 0
    lin_online.save()
    entry = waiting(mei, email_inbox, crisis="safety")
    route(entry.conversation, entry)
    assert Assignment.objects.get().reason == "danger"


def test_a_nature_may_belong_to_another_team(
    mei: Customer, email_inbox: Inbox, wholesale_team: Team, bob: User, lin_online: User
) -> None:
    NatureTeam.objects.create(nature="price", team=wholesale_team)
    entry = waiting(mei, email_inbox, nature="price")
    route(entry.conversation, entry)
    assert (entry.conversation.team, entry.conversation.assignee) == (wholesale_team, None)
    assert QueueEntry.objects.get().team == wholesale_team


def test_an_inbox_without_a_team_falls_to_the_default_team(
    mei: Customer, email_inbox: Inbox, lin_online: User, care_team: Team
) -> None:
    email_inbox.team = None
    email_inbox.save()
    entry = waiting(mei, email_inbox)
    route(entry.conversation, entry)
    assert (entry.conversation.team, entry.conversation.assignee) == (care_team, lin_online)


def test_coming_online_gives_what_waits_most_urgently_until_full(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    lin.capacity = 2
    lin.save()
    mild = waiting(mei, email_inbox, severity="minor", handling_class="C")
    danger = waiting(mei, email_inbox, crisis="injury")
    grave = waiting(mei, email_inbox, severity="severe", handling_class="C")
    assert pull_next_for(lin.pk) == []
    set_presence(lin, "online")
    assert pull_next_for(lin.pk) == [danger.conversation_id, grave.conversation_id]
    assert QueueEntry.objects.get(pk=mild.pk).state == "queued"


def test_pulling_leaves_work_that_asks_for_a_teammates_skill(
    mei: Customer, email_inbox: Inbox, care_team: Team, lin_online: User
) -> None:
    agent(care_team, "expert", skills=["quality"], languages=["zh"])
    waiting(mei, email_inbox, nature="quality", handling_class="C")
    price = waiting(mei, email_inbox, nature="price")
    assert pull_next_for(lin_online.pk) == [price.conversation_id]


def test_what_is_next_weighs_my_own_work_against_the_queue(
    mei: Customer, james: Customer, email_inbox: Inbox, lin_online: User
) -> None:
    mine = waiting(mei, email_inbox, since=ago(hours=3), handling_class="B")
    route(mine.conversation, mine)
    fresh = waiting(james, email_inbox, since=ago(minutes=1), handling_class="B")
    following = whats_next(lin_online)
    assert following is not None
    assert following.pk == mine.pk
    danger = waiting(james, email_inbox, since=ago(minutes=1), crisis="injury")
    following = whats_next(lin_online)
    assert following is not None
    assert following.pk == danger.pk
    assert [entry.pk for entry in score_sorted(lin_online, is_mine=True).entries] == [mine.pk]
    assert fresh.state == "queued"


def test_taking_the_next_gives_it_to_me_and_out_of_the_queue(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    entry = waiting(mei, email_inbox)
    taken = claim_next(lin)
    assert taken is not None
    assert (taken.pk, taken.assignee) == (entry.conversation_id, lin)
    assert claim_next(lin) is None


def test_taking_the_next_skips_a_language_i_do_not_speak(mei: Customer, email_inbox: Inbox, care_team: Team) -> None:
    waiting(mei, email_inbox, language="zh")
    assert claim_next(agent(care_team, "ann", languages=["en"])) is None


def test_bob_of_another_team_cannot_take_it(mei: Customer, email_inbox: Inbox, bob: User) -> None:
    waiting(mei, email_inbox, language="en")
    assert claim_next(bob) is None


def test_routing_takes_four_queries(
    mei: Customer, email_inbox: Inbox, lin: User, django_assert_max_num_queries: Any
) -> None:
    entry = waiting(mei, email_inbox)
    with django_assert_max_num_queries(9) as counted:
        route(entry.conversation, entry)  # nobody is online: it stays, with its reason
    assert (
        len(
            [
                query
                for query in counted.captured_queries
                if not any(word in query["sql"] for word in ("SAVEPOINT", "pg_notify"))
            ]
        )
        == 4
    )


def test_every_reason_has_its_sentence() -> None:
    assert all(explain(code) != code for code in [*ASSIGNED, *HELD])
    assert explain("老客户点名找林晓") == "老客户点名找林晓"


def _at_once(jobs: list[Any]) -> None:
    """Run every job in a thread of its own, all starting together; what one raises fails the test."""
    barrier, raised = Barrier(len(jobs)), []

    def run(job: Any) -> None:
        barrier.wait()
        try:
            job()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


@pytest.mark.django_db(transaction=True)
def test_four_agents_taking_at_once_never_get_the_same(mei: Customer, email_inbox: Inbox, care_team: Team) -> None:
    for _ in range(6):
        waiting(mei, email_inbox)
    agents = [agent(care_team, f"agent{number}", languages=["zh"]) for number in range(4)]
    _at_once([lambda who=who: [claim_next(who) for _ in range(2)] for who in agents])
    owners = list(Conversation.objects.values_list("assignee", flat=True))
    assert None not in owners
    assert Assignment.objects.count() == 6
    assert QueueEntry.objects.filter(state="claimed").count() == 6


@pytest.mark.django_db(transaction=True)
def test_messages_routed_at_once_do_not_overfill_an_agent(mei: Customer, email_inbox: Inbox, lin_online: User) -> None:
    lin_online.capacity = 2
    lin_online.save()
    entries = [waiting(mei, email_inbox) for _ in range(4)]
    _at_once([lambda entry=entry: route(entry.conversation, entry) for entry in entries])
    assert Conversation.objects.filter(assignee=lin_online).count() == 2


@pytest.mark.django_db(transaction=True)
def test_pulling_and_routing_at_once_do_not_give_the_same_twice(
    mei: Customer, email_inbox: Inbox, lin_online: User
) -> None:
    lin_online.capacity = 3
    lin_online.save()
    entries = [waiting(mei, email_inbox) for _ in range(3)]
    jobs: list[Any] = [lambda entry=entry: route(entry.conversation, entry) for entry in entries]
    _at_once([*jobs, lambda: pull_next_for(lin_online.pk)])
    assert Assignment.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_answers_new_messages_taking_and_pulling_at_once_never_wait_in_a_circle(
    mei: Customer, email_inbox: Inbox, care_team: Team, lin_online: User
) -> None:
    entries = [waiting(mei, email_inbox, handling_class="C") for _ in range(4)]
    wei = agent(care_team, "wei", languages=["zh"])

    def writes_again(entry: QueueEntry) -> None:
        conversation = Conversation.objects.get(pk=entry.conversation_id)
        with write():
            message = add_customer_message(conversation, Content(text="还在吗"), customer=mei)
            findings = found(handling_class="B")
            clocks = start_clocks(conversation, message, findings)
            route(conversation, prioritise(conversation, findings, clocks=clocks))

    def answers(entry: QueueEntry) -> None:
        post_reply(Conversation.objects.get(pk=entry.conversation_id), by=wei, text="您好，正在为您处理。")

    jobs: list[Any] = [lambda entry=entry: writes_again(entry) for entry in entries]
    jobs += [lambda entry=entry: answers(entry) for entry in entries]
    _at_once([*jobs, lambda: [claim_next(wei) for _ in range(3)], lambda: pull_next_for(lin_online.pk), watch])
    assert Clock.objects.open().responses().count() == QueueEntry.objects.waiting().count()
