"""A public article that goes into the composer is nothing a reply check would stop (mission 70)."""

from __future__ import annotations

from typing import Any

import pytest

from careloop.knowledge.loading import starter_articles
from careloop.quality.engine import Level, check_reply

pytestmark = pytest.mark.offline
ENTRIES = starter_articles("retail_skincare")


@pytest.mark.parametrize(
    "entry", [each for each in ENTRIES if each.get("audience") != "internal"], ids=lambda entry: entry["code"]
)
def test_a_public_one_could_be_sent_as_it_is(entry: dict[str, Any]) -> None:
    for language in ("zh", "en"):
        found = check_reply(entry["body"][language], language=language, kind="")
        assert [
            (each.check, entry["body"][language][each.start : each.end]) for each in found if each.level is Level.BLOCK
        ] == []
