"""A queue that has lain for a year can be turned page by page."""

from __future__ import annotations

from careloop.accounts.models import Team, User
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.routing.services.queue import score_sorted
from careloop.routing.tests.factories import ago, bulk_queue


def test_what_waits_for_a_year_in_the_fastest_class_does_not_stop_the_next_page(
    care_team: Team, mei: Customer, email_inbox: Inbox, lin: User
) -> None:
    rows = [(2, 63, ago(days=365)), (2, 63, ago(days=364)), (2, 0, ago(hours=1))]
    made = bulk_queue(care_team, mei, email_inbox, rows)
    first = score_sorted(lin, limit=1)
    second = score_sorted(lin, limit=2, after=first.next)
    assert [entry.pk for entry in [*first.entries, *second.entries]] == [row.pk for row in made]
