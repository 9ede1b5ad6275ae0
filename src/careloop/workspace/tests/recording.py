"""The file of recorded query counts: compared with by every test of a screen, rewritten when a change is meant."""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from careloop.workspace.tests.conftest import HTMX

RECORDED = Path(__file__).with_name("query_counts.json")


def queries(client: Client, address: str, *, is_part: bool = False) -> int:
    """How many queries a page makes when nothing of it is remembered."""
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address, headers=HTMX if is_part else {})
    assert answer.status_code == 200, (address, answer.status_code)
    return len(captured)


def compare(screen: str, few: int, more: int) -> None:
    """As many with one row as with many, and as many as were recorded.

    After a change that is meant, set ``CARELOOP_RECORD_QUERIES=1`` for one run and review the difference.
    """
    assert few == more, f"{screen}: {few} queries with few rows, {more} with many"
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    # PostgreSQL looks for words among the newest documents first, and asks its index only when those were too few.
    here = f"{screen} on {connection.vendor}"
    screen = here if here in recorded else screen
    if os.environ.get("CARELOOP_RECORD_QUERIES"):
        recorded[screen] = few
        RECORDED.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert recorded.get(screen) == few, f"{screen}: recorded {recorded.get(screen)}, now {few}"
