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
    folder = files("careloop.replies").joinpath("data", "saved")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    return [entry for name in names for entry in yaml.safe_load(folder.joinpath(name).read_text("utf-8"))]


def _row(entry: Mapping[str, Any], place: int) -> SavedReply:
    return SavedReply(
        code=entry["code"],
        situation=entry["situation"],
        title=entry["title"]["en"],
        title_zh=entry["title"]["zh"],
        text=entry["text"]["en"].strip(),
        text_zh=entry["text"]["zh"].strip(),
        wrong=entry["wrong"]["en"],
        wrong_zh=entry["wrong"]["zh"],
        right=entry["right"]["en"],
        right_zh=entry["right"]["zh"],
        position=place,
    )
