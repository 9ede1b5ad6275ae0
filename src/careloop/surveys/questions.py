"""The words of the survey: data in both languages, read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "survey.yaml"
SCORE_FIELDS = ("c1_speed", "c2_result", "c3_overall")


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return content


def spoken(language: str) -> str:
    """``zh`` for every kind of Chinese, ``en`` for everything else."""
    return "zh" if language.lower().startswith("zh") else "en"


def question(name: str, language: str) -> str:
    return str(_content()["questions"][name][spoken(language)])


def answer_label(answer: str | int, language: str) -> str:
    """The words of one answer: 1 to 5, ``solved_yes`` or ``solved_no``."""
    return str(_content()["answers"][answer][spoken(language)])


def invitation(language: str, *, name: str, reference: str, link: str) -> str:
    """The message that asks a customer to answer."""
    language = spoken(language)
    name = name or _content()["nameless"][language]
    return str(_content()["invitation"][language]).format(name=name, reference=reference, link=link)
