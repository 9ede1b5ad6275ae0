"""Lanes show each person what ``visible_to`` shows them, and neither pages nor counts walk past them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from careloop.accounts.models import Team, TeamMember, User
from careloop.conversations import lanes
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer

MOST = 50


@pytest.fixture
def everywhere(care_team: Team, wholesale_team: Team, mei: Customer, email_inbox: Inbox, lin: User) -> None:
    """Work of both teams and of none, held and free, with and without a deadline."""
    now = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(
            customer=mei, inbox=email_inbox, channel="email", team=team, assignee=assignee, created_at=now,
            last_activity_at=now, next_due_at=due,
        )
        for team in (care_team, wholesale_team, None)
        for assignee in (lin, None)
        for due in (now, None)
    )  # fmt: skip


def ids(condition: Q) -> set[int]:
    return set(Conversation.objects.filter(condition).values_list("pk", flat=True))


@pytest.mark.parametrize("name", ["lin", "bob", "both", "admin"])
def test_the_lanes_of_a_person_hold_what_they_may_see(
    name: str, everywhere: None, lin: User, bob: User, admin: User, chen: User, wholesale_team: Team
) -> None:
    TeamMember.objects.create(team=wholesale_team, user=chen)
    user = {"lin": lin, "bob": bob, "both": chen, "admin": admin}[name]
    theirs = lanes.of_teams(user, "state = 'open'")
    seen = Conversation.objects.visible_to(user)
    assert ids(lanes.heads(theirs, lanes.LATEST_ACTIVITY, None, MOST)) == {row.pk for row in seen}
    dated = ids(lanes.heads(theirs, lanes.SOONEST_DUE, None, MOST))
    undated = ids(lanes.heads(theirs, lanes.WITHOUT_DEADLINE, None, MOST))
    assert (dated | undated, dated & undated) == ({row.pk for row in seen}, set())
    assert lanes.count_each([theirs], MOST) == [seen.count()]


def test_what_a_person_holds_beyond_their_teams_is_not_in_their_lane(everywhere: None, lin: User) -> None:
    mine = lanes.heads(lanes.in_hand(lin, "state = 'open'"), lanes.LATEST_ACTIVITY, None, MOST)
    assert ids(mine) == {row.pk for row in Conversation.objects.visible_to(lin).filter(assignee=lin)}


def test_whoever_left_has_no_lanes(everywhere: None, lin: User) -> None:
    lin.is_active = False
    theirs = lanes.of_teams(lin, "state = 'open'")
    assert (theirs, ids(lanes.heads(theirs, lanes.LATEST_ACTIVITY, None, MOST))) == ([], set())
    assert lanes.count_each([theirs], MOST) == [0]


def test_counting_stops_at_its_bound(everywhere: None, admin: User) -> None:
    assert lanes.count_each([lanes.of_teams(admin, "state = 'open'")], 5) == [5]


def test_more_lanes_than_the_database_joins_at_once_are_read_all_the_same(everywhere: None, lin: User) -> None:
    theirs = [*[lanes.Lane("team_id = -1")] * (2 * lanes.MOST_AT_ONCE), *lanes.of_teams(lin, "state = 'open'")]
    seen = Conversation.objects.visible_to(lin)
    assert ids(lanes.heads(theirs, lanes.LATEST_ACTIVITY, None, MOST)) == {row.pk for row in seen}
    assert lanes.count_each([theirs], MOST) == [seen.count()]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the words of the plan are SQLite's")
@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("state = 'open'", "conv_team_activity"),
        ("state = 'open' AND assignee_id IS NULL", "conv_free_activity"),
        ("NOT (state = 'resolved') AND kind = 'complaint'", "conv_complaint_activity"),
        ("NOT (state = 'resolved') AND channel = 'email'", "conv_channel_activity"),
        ("needs_review", "conv_review"),
    ],
)
def test_each_lane_is_read_in_order_from_the_index_made_for_it(
    condition: str, index: str, everywhere: None, lin: User
) -> None:
    rows = Conversation.objects.filter(
        lanes.heads(lanes.of_teams(lin, condition), lanes.LATEST_ACTIVITY, None, MOST)
    ).values("pk")
    plan = rows.explain()
    assert plan.count(index) == 2
    assert "TEMP B-TREE FOR ORDER BY" not in plan
