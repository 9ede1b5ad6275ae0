"""Pages of the queue in score order, against sorting everything."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.common.errors import InvalidInput
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.routing.heads import Scope, first_places, place_of
from careloop.routing.models import QueueEntry
from careloop.routing.services.queue import score_sorted
from careloop.routing.tests.factories import ago, bulk_queue

pytestmark = pytest.mark.django_db


def everything_sorted(now: datetime) -> list[int]:
    """The second implementation: read all, sort all."""
    rows = QueueEntry.objects.queued()
    places = [place_of(row.tier, row.klass, row.waiting_since, row.due_at, row.pk, now) for row in rows]
    return [place.id for place in sorted(places)]


@pytest.fixture
def long_queue(care_team: Team, mei: Customer, email_inbox: Inbox) -> list[QueueEntry]:
    dice = random.Random(7)
    rows = [
        (dice.choice([0, 1, 2, 2, 2, 2]), dice.choice([3, 20, 21, 35, 60]), ago(minutes=dice.randint(1, 3000)))
        for _ in range(150)
    ]
    same = ago(minutes=77)
    return bulk_queue(care_team, mei, email_inbox, rows + [(2, 20, same)] * 30)


def test_turning_all_pages_shows_every_row_once_in_order(long_queue: list[QueueEntry], lin: User) -> None:
    now, after, shown = timezone.now(), "", []
    for _ in range(30):
        page = score_sorted(lin, after=after, limit=7, now=now)
        shown += [entry.pk for entry in page.entries]
        after = page.next
        if not after:
            break
    assert shown == everything_sorted(now)


def test_pages_stay_together_while_time_passes(long_queue: list[QueueEntry], lin: User) -> None:
    now = timezone.now()
    first = score_sorted(lin, limit=20, now=now)
    second = score_sorted(lin, after=first.next, limit=20, now=now + timedelta(hours=5))
    assert [entry.pk for entry in first.entries + second.entries] == everything_sorted(now)[:40]


@pytest.mark.parametrize("seed", range(6))
def test_any_queue_of_several_teams_is_read_as_if_everything_were_sorted(
    seed: int, care_team: Team, wholesale_team: Team, mei: Customer, email_inbox: Inbox, admin: User
) -> None:
    dice = random.Random(seed)
    ages = [ago(minutes=dice.randint(1, 5000)) for _ in range(dice.choice([3, 200]))]
    for team in (care_team, wholesale_team, None):
        rows = [(dice.choice([0, 1, 2, 2]), dice.randrange(64), dice.choice(ages)) for _ in range(dice.randint(0, 150))]
        bulk_queue(team, mei, email_inbox, rows)
    now, after, shown = timezone.now(), "", []
    size = dice.choice([1, 3, 10, 40])
    while True:
        page = score_sorted(admin, after=after, limit=size, now=now)
        shown += [entry.pk for entry in page.entries]
        after = page.next
        if not after:
            break
    assert shown == everything_sorted(now)


def test_a_page_reads_few_rows_however_many_lists_there_are(care_team: Team, mei: Customer, email_inbox: Inbox) -> None:
    bulk_queue(care_team, mei, email_inbox, [(2, klass, ago(hours=1)) for klass in range(64)] * 20)
    scope, now = Scope(frozenset({care_team.pk})), timezone.now()
    with CaptureQueriesContext(connection) as asked:
        places = first_places(scope, now, 10)
    assert [place.klass for place in places] == [63] * 10
    limits = [int(found) for found in re.findall(r"LIMIT (\d+)", asked.captured_queries[-1]["sql"])]
    assert sum(limits) == 55


def test_danger_is_above_everything_and_the_oldest_first_within_a_class(
    care_team: Team, mei: Customer, email_inbox: Inbox, lin: User
) -> None:
    rows = [(2, 63, ago(days=9)), (2, 10, ago(hours=2)), (2, 10, ago(hours=3)), (0, 0, ago(minutes=1))]
    made = bulk_queue(care_team, mei, email_inbox, rows)
    assert [entry.pk for entry in score_sorted(lin).entries] == [made[3].pk, made[0].pk, made[2].pk, made[1].pk]


def test_a_statutory_clock_goes_by_its_due_time(care_team: Team, mei: Customer, email_inbox: Inbox, lin: User) -> None:
    made = bulk_queue(care_team, mei, email_inbox, [(1, 60, ago(days=2)), (1, 0, ago(days=1)), (1, 0, ago(days=3))])
    for entry, days in zip(made, (5, 1, 3), strict=True):
        entry.due_at = timezone.now() + timedelta(days=days)
        entry.save()
    first = score_sorted(lin, limit=1)
    rest = score_sorted(lin, limit=5, after=first.next)
    assert [entry.pk for entry in first.entries + rest.entries] == [made[1].pk, made[2].pk, made[0].pk]


def test_a_slow_class_that_waits_long_enough_comes_first(
    care_team: Team, mei: Customer, email_inbox: Inbox, lin: User
) -> None:  # mission 15: the order moves by itself
    slow, fast = bulk_queue(care_team, mei, email_inbox, [(2, 10, ago(hours=1)), (2, 20, ago(minutes=30))])
    now = timezone.now()
    assert [entry.pk for entry in score_sorted(lin, now=now).entries] == [fast.pk, slow.pk]
    fast.waiting_since = now + timedelta(days=30)
    fast.save()
    later = now + timedelta(days=30, minutes=5)
    assert [entry.pk for entry in score_sorted(lin, now=later).entries] == [slow.pk, fast.pk]


def test_an_agent_of_another_team_never_sees_the_queue(long_queue: list[QueueEntry], bob: User, admin: User) -> None:
    assert score_sorted(bob).entries == []
    assert len(score_sorted(admin, limit=200).entries) == 180


def test_a_page_takes_three_queries_however_long_the_queue(
    long_queue: list[QueueEntry], lin: User, django_assert_num_queries: Any
) -> None:
    assert lin.team_ids
    with django_assert_num_queries(3):
        page = score_sorted(lin, limit=50)
        assert [entry.conversation.customer.name for entry in page.entries]


def test_the_order_is_read_from_the_index(care_team: Team, mei: Customer, email_inbox: Inbox) -> None:
    rows = QueueEntry.objects.filter(team=care_team, state="queued", tier=2, klass=9).order_by("waiting_since", "id")
    if connection.vendor == "sqlite":
        plan = rows[:1].explain()
        assert "queue_heads" in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("text", ["x", "e30=", "W10=", "bnVsbA==", "WzEsMiwzLDQsNSw2XQ=="])
def test_a_broken_cursor_is_refused_with_a_sentence(lin: User, text: str) -> None:
    with pytest.raises(InvalidInput):
        score_sorted(lin, after=text)


def test_only_what_fits_is_read_when_asked_for_a_language_or_skill(
    care_team: Team, mei: Customer, email_inbox: Inbox
) -> None:
    chinese, english, special = bulk_queue(care_team, mei, email_inbox, [(2, 9, ago(hours=1))] * 3)
    QueueEntry.objects.filter(pk=chinese.pk).update(language="zh")
    QueueEntry.objects.filter(pk=english.pk).update(language="en")
    QueueEntry.objects.filter(pk=special.pk).update(language="zh", skill="quality")
    scope = Scope(frozenset({care_team.pk}), languages=("zh",), lacking=("quality",))
    assert [place.id for place in first_places(scope, timezone.now(), 9)] == [chinese.pk]
