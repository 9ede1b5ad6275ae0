"""Load the response table that ships with the desk. Safe to run at every start."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

from careloop.common.remembering import forget
from careloop.common.transaction import writes
from careloop.sla.models import ResponseTarget
from careloop.sla.policy import TABLE, TARGETS


@writes
def load_shipped_targets() -> int:
    """Add the rows that are missing; how many. A row that exists, changed or switched off, stays as it is."""
    known = set(ResponseTarget.objects.values_list("code", flat=True))
    rows = [_row(entry, place) for place, entry in enumerate(_entries()) if entry["code"] not in known]
    ResponseTarget.objects.bulk_create(rows)
    forget(TABLE, TARGETS)
    return len(rows)


def _entries() -> list[dict[str, Any]]:
    text = files("careloop.sla").joinpath("data", "targets.yaml").read_text("utf-8")
    return list(yaml.safe_load(text)["rows"])


def _row(entry: dict[str, Any], place: int) -> ResponseTarget:
    both = {"name", "principle", "key_action"}
    plain = {field: value for field, value in entry.items() if field not in both}
    words = {field: entry[field]["en"] for field in both} | {f"{field}_zh": entry[field]["zh"] for field in both}
    return ResponseTarget(**plain, **words, position=place)
