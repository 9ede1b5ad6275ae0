"""What the portal itself writes to a customer: data in both languages, read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "words.yaml"


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return content


def added_line(name: str, value: str, language: str) -> str:
    """One field of the form as a line of the message: ``remedy``, ``order_number`` or ``phone``."""
    return str(_content()["message"][name][language]).format(value=value)


def acknowledgement(language: str, *, name: str, reference: str, answer_by: str, link: str) -> str:
    """That the message arrived, its number, and by when we answer where that is known."""
    text = _content()["acknowledgement"]["dated" if answer_by else "undated"][language]
    name = name or _content()["nameless"][language]
    return str(text).format(name=name, reference=reference, answer_by=answer_by, link=link)


def mail_footer(language: str, *, link: str) -> str:
    """The line below a reply that is mailed to somebody who wrote through the portal."""
    return str(_content()["mail_footer"][language]).format(link=link)
