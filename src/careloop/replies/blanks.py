"""The blanks of a saved reply: how an open one looks, and whether a text still holds one.

An open blank reads 【请填写：金额】 or [fill in: amount], so that nobody overlooks it.
`data/variables.yaml` names them all.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_OPEN = re.compile(r"【请填写：[^】]{1,40}】|\[fill in: [^\]]{1,40}\]|\{\{?\s*[a-z][a-z_]{1,40}\s*\}?\}")


def open_blank(name: str, language: str) -> str:
    """How this blank looks before somebody fills it, in the language of the reply."""
    label = known_blanks()[name]["zh" if language.startswith("zh") else "en"]
    return f"【请填写：{label}】" if language.startswith("zh") else f"[fill in: {label}]"


def open_blanks(text: str) -> list[str]:
    """Every blank nobody has filled, as it stands in the text."""
    return _OPEN.findall(text)


@cache
def known_blanks() -> dict[str, dict[str, Any]]:
    """Name -> labels in both languages, and whether the desk fills it by itself."""
    text = files("careloop.replies").joinpath("data", "variables.yaml").read_text("utf-8")
    blanks: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return blanks
