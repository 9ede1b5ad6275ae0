"""How many queries each screen of the desk makes: recorded in ``query_counts.json``, the same however many rows."""

from __future__ import annotations

import pytest
from django.test import Client

from careloop.accounts.models import User
from careloop.conversations.models import Conversation
from careloop.conversations.services.posting import post_note
from careloop.routing.services.prioritising import prioritise
from careloop.workspace.tests.conftest import MakeMany
from careloop.workspace.tests.recording import compare, queries

SCREENS = {
    "list": ("/desk/open/", False),
    "list by deadline": ("/desk/open/?sort=due", False),
    "list by priority": ("/desk/unassigned/?sort=priority", False),
    "rows": ("/desk/open/rows/", True),
    "counts": ("/desk/open/counts/", True),
    "conversation page": ("/desk/open/{number}/", False),
    "conversation part": ("/desk/open/{number}/", True),
    "thread": ("/conversations/{number}/thread/", True),
    "customers": ("/customers/", False),
    "customer": ("/customers/{customer}/", False),
    "search box": ("/search/?q=Words", True),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_makes_as_many_queries_as_recorded_however_many_rows(
    as_lin: Client, lin: User, many: MakeMany, screen: str
) -> None:
    template, is_part = SCREENS[screen]
    first = many(1)[0]
    address = template.format(number=first.number, customer=first.customer_id)
    few = _after_filling(as_lin, lin, [first], address, is_part=is_part)
    more = _after_filling(as_lin, lin, [first, *many(12)], address, is_part=is_part)
    compare(screen, few, more)


def _after_filling(client: Client, by: User, rows: list[Conversation], address: str, *, is_part: bool) -> int:
    for row in rows:
        row.refresh_from_db()
        prioritise(row, [])
        post_note(rows[0], by=by, text=f"note beside {row.number}")
    return queries(client, address, is_part=is_part)
