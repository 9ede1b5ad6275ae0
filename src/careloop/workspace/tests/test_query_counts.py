"""How many queries each screen makes: recorded in ``query_counts.json``, the same however many rows there are.

After a change that is meant, set ``CARELOOP_RECORD_QUERIES=1`` for one run and review the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from careloop.accounts.models import User
from careloop.conversations.models import Conversation
from careloop.conversations.services.posting import post_note
from careloop.routing.services.prioritising import prioritise
from careloop.workspace.tests.conftest import HTMX, MakeMany

RECORDED = Path(__file__).with_name("query_counts.json")
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


def queries(client: Client, address: str, *, is_part: bool) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address, headers=HTMX if is_part else {})
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_makes_as_many_queries_as_recorded_however_many_rows(
    as_lin: Client, lin: User, many: MakeMany, screen: str
) -> None:
    template, is_part = SCREENS[screen]
    first = many(1)[0]
    address = template.format(number=first.number, customer=first.customer_id)
    few = _after_filling(as_lin, lin, [first], address, is_part=is_part)
    more = _after_filling(as_lin, lin, [first, *many(12)], address, is_part=is_part)
    assert few == more, f"{screen}: {few} queries with one row, {more} with thirteen"
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    # PostgreSQL looks for words among the newest documents first, and asks its index only when those were too few.
    here = f"{screen} on {connection.vendor}"
    screen = here if here in recorded else screen
    if os.environ.get("CARELOOP_RECORD_QUERIES"):
        recorded[screen] = few
        RECORDED.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert recorded.get(screen) == few, f"{screen}: recorded {recorded.get(screen)}, now {few}"


def _after_filling(client: Client, by: User, rows: list[Conversation], address: str, *, is_part: bool) -> int:
    for row in rows:
        row.refresh_from_db()
        prioritise(row, [])
        post_note(rows[0], by=by, text=f"note beside {row.number}")
    return queries(client, address, is_part=is_part)
