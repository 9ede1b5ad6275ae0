"""Load the saved replies that ship with the desk. Safe to run at every start."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from careloop.common.transaction import writes
from careloop.replies.models import SavedReply


@writes
def load_shipped_replies() -> int:
    """Add the replies that are missing; how many. One that exists, changed or switched off, stays as it is."""
    known = set(SavedReply.objects.values_list("code", flat=True))
    new = [_row(entry, place) for place, entry in enumerate(_entries()) if entry["code"] not in known]
    return len(SavedReply.objects.bulk_create(new))


def _entries() -> list[dict[str, Any]]:
    text = files("careloop.replies").joinpath("data", "saved_replies.yaml").read_text("utf-8")
    return list(yaml.safe_load(text)["replies"])


def _row(entry: Mapping[str, Any], place: int) -> SavedReply:
    return SavedReply(
        code=entry["code"],
        title=entry["title"]["en"],
        title_zh=entry["title"]["zh"],
        text=entry["text"]["en"].strip(),
        text_zh=entry["text"]["zh"].strip(),
        position=place,
    )
