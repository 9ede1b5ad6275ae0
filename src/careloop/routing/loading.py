"""Load the importance of sources that ships with the desk. Safe to run at every start."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

from careloop.common.remembering import forget
from careloop.common.transaction import writes
from careloop.routing.models import PriorityWeights, SourceImportance
from careloop.routing.scoring import SOURCES


@writes
def load_shipped_sources() -> int:
    """On a desk where nobody has changed the priority yet, add the sources that are missing; how many."""
    if PriorityWeights.objects.exists():
        return 0
    known = set(SourceImportance.objects.values_list("fact", "value"))
    rows = [_row(entry) for entry in _entries() if (entry["fact"], entry["value"]) not in known]
    SourceImportance.objects.bulk_create(rows)
    forget(SOURCES)
    return len(rows)


def _entries() -> list[dict[str, Any]]:
    text = files("careloop.routing").joinpath("data", "sources.yaml").read_text("utf-8")
    return list(yaml.safe_load(text)["sources"])


def _row(entry: dict[str, Any]) -> SourceImportance:
    return SourceImportance(
        fact=entry["fact"],
        value=entry["value"],
        importance=entry["importance"],
        name=entry["name"]["en"],
        name_zh=entry["name"]["zh"],
    )
