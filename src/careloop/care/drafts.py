"""The words of a follow-up: data in both languages, read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "follow_ups.yaml"


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return content


def draft_for(tone: str, language: str, *, name: str, agent: str, reference: str) -> str:
    """A text to begin with, in the customer's language; the writer changes it before it goes out.

    ``tone`` is the outcome of the resolution, or ``injury`` or ``self_harm`` where the customer may be hurt.
    """
    language = "zh" if language.startswith("zh") else "en"
    drafts = _content()["drafts"]
    text = drafts.get(tone, drafts["other"])[language]
    name = name or _content()["nameless"][language]
    agent = agent or _content()["team"][language]
    return str(text).format(name=name, agent=agent, reference=reference)
