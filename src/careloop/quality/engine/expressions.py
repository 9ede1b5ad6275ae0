"""Expressions of the data files: regular expressions with named word groups, over folded text."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent.parent / "data"
_GROUP = re.compile(r"<([a-z_]+)>")


def compile_any(expressions: Sequence[str], language: str) -> re.Pattern[str]:
    """One expression that finds any of these: word groups filled in, blanks elastic, whole words in English."""
    filled = _GROUP.sub(lambda name: f"(?:{word_groups(language)[name.group(1)]})", "|".join(expressions))
    if language == "en":
        filled = rf"(?<!\w)(?:{_elastic(filled)})(?!\w)"
    return re.compile(filled)


@cache
def word_groups(language: str) -> dict[str, str]:
    """The groups of words that expressions refer to as <name>; a group may use the ones above it."""
    groups: dict[str, str] = {}
    for name, words in read_data("words")[language].items():
        groups[name] = _GROUP.sub(lambda inner: f"(?:{groups[inner.group(1)]})", "|".join(words))
    return groups


@cache
def read_data(name: str) -> dict[str, Any]:
    """One data file of this room."""
    document: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return document


def _elastic(expression: str) -> str:
    return expression.replace(" ", r"\s+")
