"""Expressions about who speaks and whether it is meant, from `data/speech.yaml`."""

import re
from functools import cache

from careloop.quality.engine.expressions import read_data


@cache
def speech(name: str, language: str) -> re.Pattern[str]:
    """One expression of the file, compiled once."""
    return re.compile(read_data("speech")[language][name])
