"""Words for the numbers: suggestions from a problem × change table, the case, next week. Each cites its counts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("en", "zh")
RISING_PERCENT = 20
RISING_AT_LEAST = 3


@cache
def table() -> dict[str, Any]:
    text = files("careloop.analytics").joinpath("data/suggestions.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def words_for(facts: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The draft of the report's words in every language; the lead edits them before publishing."""
    return {
        language: {
            "suggestions": "\n".join(suggestion(problem, language) for problem in facts["problems"]),
            "case": _case(facts["case"], language),
            "focus": "\n".join(_focus(facts, language)),
        }
        for language in LANGUAGES
    }


def problem_name(nature: str, language: str) -> str:
    """What people call it; an unknown nature keeps its code, readable."""
    known = table().get(nature, {}).get("name", {})
    return str(known.get(language) or nature.replace("_", " "))


def suggestion(problem: dict[str, Any], language: str) -> str:
    row = table().get(problem["nature"]) or table()["_other"]
    return str(row["rising" if is_rising(problem) else "steady"][language]).format(
        n=problem["n"],
        previous=problem["previous"],
        share=percent(problem["share"]),
        name=problem_name(problem["nature"], language),
    )


def is_rising(problem: dict[str, Any]) -> bool:
    grew = problem["n"] - problem["previous"]
    change = problem["change_percent"]
    return grew >= RISING_AT_LEAST and (change is None or change >= RISING_PERCENT)


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f}%"


_CASE = {
    "en": "{reference}: solved in {hours} hours{by}, rated {scores}. {comment}",
    "zh": "{reference}：{hours} 小时内解决{by}，客户评分 {scores}。{comment}",
}
_BY = {"en": " by {agent}", "zh": "（{agent}）"}
_QUOTE = {"en": "“{comment}”", "zh": "“{comment}”"}


def _case(case: dict[str, Any] | None, language: str) -> str:
    if case is None:
        return ""
    return (
        _CASE[language]
        .format(
            reference=case["reference"],
            hours=case["hours_to_solution"],
            scores=" / ".join(map(str, case["scores"])),
            by=_BY[language].format(agent=case["agent"]) if case["agent"] else "",
            comment=_QUOTE[language].format(comment=case["comment"]) if case["comment"] else "",
        )
        .strip()
    )


def _focus(facts: dict[str, Any], language: str) -> list[str]:
    """What fell short of its target, what still waits, and the most frequent problem."""
    say = table()["_focus"]
    lines = []
    mean = facts["response"]["calendar_minutes"]["mean"]
    if mean is not None and mean > facts["targets"]["response_minutes"]:
        lines.append(say["response"][language].format(target=facts["targets"]["response_minutes"], value=round(mean)))
    for key, target in (("resolution", "resolution_rate"), ("satisfaction", "satisfaction")):
        found = facts[key]
        if found["n"] and found["share"] < facts["targets"][target]:
            lines.append(
                say[key][language].format(
                    target=percent(facts["targets"][target]), value=percent(found["share"]), n=found["n"]
                )
            )
    if facts["response"]["waiting"]["n"]:
        lines.append(say["waiting"][language].format(n=facts["response"]["waiting"]["n"]))
    if facts["problems"]:
        top = facts["problems"][0]
        lines.append(say["problem"][language].format(name=problem_name(top["nature"], language), n=top["n"]))
    return lines
