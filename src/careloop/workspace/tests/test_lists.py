"""The views of the desk: what is in them, in which order, page after page (mission 6)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.common.errors import InvalidInput
from careloop.conversations.models import Conversation
from careloop.conversations.services.holding import assign, snooze
from careloop.routing.services.prioritising import prioritise
from careloop.workspace import lists
from careloop.workspace.tests.conftest import HTMX, MakeMany

ROW = re.compile(r'id="row-(\d+)"')


def ids(page: str) -> list[int]:
    return [int(found) for found in ROW.findall(page)]


def every_page(client: Client, view: str, sort: str) -> list[int]:
    found: list[int] = []
    address = f"/desk/{view}/rows/?sort={sort}"
    while address:
        page = client.get(address, headers=HTMX).content.decode()
        found += ids(page)
        following = re.search(r'hx-get="([^"]+after=[^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    return found


def test_each_view_holds_what_its_name_says(lin: User, chen: User, care_team: Team, many: MakeMany) -> None:
    mine, theirs, free, asleep, done = many(5)
    assign(mine, user=lin, team=care_team, by=chen)
    assign(theirs, user=chen, team=care_team, by=chen)
    snooze(asleep, by=lin, wake_at=timezone.now() + timedelta(hours=3))
    Conversation.objects.filter(pk=done.pk).update(state="resolved")
    inside = {slug: {row.pk for row in lists.rows_in(view, lin)} for slug, view in lists.VIEWS.items()}
    assert inside["mine"] == {mine.pk}
    assert inside["unassigned"] == {free.pk}
    assert inside["open"] == {mine.pk, theirs.pk, free.pk}
    assert inside["snoozed"] == {asleep.pk}
    assert inside["resolved"] == {done.pk}
    assert inside["email"] == {mine.pk, theirs.pk, free.pk, asleep.pk}
    assert inside["portal"] == set()


def test_the_counts_are_the_lengths_of_the_views(lin: User, many: MakeMany) -> None:
    many(3)
    many(2, kind="complaint", needs_review=True)
    many(1, state="waiting", next_due_at=timezone.now())
    counts = lists.counts_for(lin)
    assert counts == {view.slug: lists.rows_in(view, lin).count() for view in lists.COUNTED} | {"mentions": 0}


@pytest.mark.parametrize("sort", ["activity", "due"])
def test_all_pages_together_show_each_row_once(as_lin: Client, many: MakeMany, sort: str) -> None:
    made = many(2 * lists.PAGE_ROWS + 5)
    now = timezone.now()
    for place, row in enumerate(made[: lists.PAGE_ROWS + 7]):
        Conversation.objects.filter(pk=row.pk).update(next_due_at=now + timedelta(minutes=place % 9))
    found = every_page(as_lin, "open", sort)
    assert len(found) == len(set(found)) == len(made)


def test_soonest_due_comes_first_and_what_has_no_deadline_last(as_lin: Client, many: MakeMany) -> None:
    none, late, soon = many(3)
    now = timezone.now()
    Conversation.objects.filter(pk=soon.pk).update(next_due_at=now + timedelta(minutes=5))
    Conversation.objects.filter(pk=late.pk).update(next_due_at=now - timedelta(minutes=5))
    assert every_page(as_lin, "open", "due") == [late.pk, soon.pk, none.pk]


def test_the_most_urgent_comes_first_when_sorted_by_priority(as_lin: Client, many: MakeMany) -> None:
    older, newer = many(2)
    Conversation.objects.filter(pk=older.pk).update(waiting_since=timezone.now() - timedelta(hours=30))
    for row in (newer, older):
        row.refresh_from_db()
        prioritise(row, [])
    assert every_page(as_lin, "unassigned", "priority") == [older.pk, newer.pk]


def test_an_order_a_view_cannot_give_falls_back_to_its_own(as_lin: Client, many: MakeMany) -> None:
    first, second = many(2)
    assert every_page(as_lin, "complaints", "priority") == []
    assert every_page(as_lin, "open", "nonsense") == [second.pk, first.pk]


def test_another_teams_rows_are_in_no_view(as_bob: Client, many: MakeMany) -> None:
    many(3)
    for slug in lists.VIEWS:
        assert ids(as_bob.get(f"/desk/{slug}/").content.decode()) == []


def test_an_unknown_view_is_not_found_and_a_broken_cursor_is_refused(as_lin: Client, lin: User) -> None:
    assert as_lin.get("/desk/nowhere/").status_code == 404
    assert as_lin.get("/desk/open/rows/?after=x").status_code == 400
    with pytest.raises(InvalidInput):
        lists.page_of(lists.VIEWS["mine"], lin, sort="priority", after="x")


def test_the_open_conversation_stays_marked_when_the_list_refreshes(as_lin: Client, complaint: Conversation) -> None:
    headers = {**HTMX, "HX-Current-URL": f"http://testserver/desk/open/{complaint.number}/?sort=activity"}
    page = as_lin.get("/desk/open/rows/", headers=headers).content.decode()
    assert re.search(rf'id="row-{complaint.pk}"[^>]*aria-current="true"', page)
