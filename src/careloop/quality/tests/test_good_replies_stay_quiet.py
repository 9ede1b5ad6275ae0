"""The replies of the agents in the demonstration: the model learned from none of them and must leave them alone."""

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
import yaml

from careloop.quality.engine import Context
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.second_opinion import own_sentences, suspects

CHECKS = ("blame_shifting", "over_promise", "curt_or_robotic")
MOST = 0.003
_INNERMOST = re.compile(r"<([^<>]*)>")
_SLOTS = {"product": {"zh": "修护精华", "en": "repair serum"}, "name": {"zh": "王女士", "en": "James"}}


def replies(language: str) -> Iterator[Reply]:
    folder = files("careloop.demo").joinpath("data", "threads")
    for each in sorted(folder.iterdir(), key=str):
        for thread in yaml.safe_load(each.read_text("utf-8")) if each.name.startswith(language) else ():
            for said in thread["talk"]:
                for line in _lines(said.get("agent", [])):
                    for text in {_worded(line, turn=turn, language=language) for turn in range(3)}:
                        yield Reply.read(text, language=language, kind="", context=Context())


def _lines(lines: str | list[str]) -> list[str]:
    return [lines] if isinstance(lines, str) else lines


def _worded(line: str, *, turn: int, language: str) -> str:
    def chosen(hit: re.Match[str]) -> str:
        wordings = hit[1].split("|")
        return wordings[turn % len(wordings)] if "|" in hit[1] else _SLOTS.get(hit[1], {}).get(language, "328")

    while _INNERMOST.search(line):
        line = _INNERMOST.sub(chosen, line)
    return line


@pytest.mark.parametrize("language", ["zh", "en"])
def test_at_most_three_good_sentences_in_a_thousand_are_suspected(language: str) -> None:
    written = list(replies(language))
    sentences = {reply.slice(span) for reply in written for span in own_sentences(reply)}
    suspected = {check: {reply.slice(span) for reply in written for span in suspects(check, reply)} for check in CHECKS}

    assert len(sentences) > 500
    assert {check: found for check, found in suspected.items() if len(found) > MOST * len(sentences)} == {}


@pytest.mark.parametrize(
    ("language", "text", "check"),
    [
        ("zh", "您现在感觉怎么样？", "curt_or_robotic"),
        ("zh", "快递那边我们自己去追。", "blame_shifting"),
        ("zh", "再次抱歉，用的时候有任何问题随时找我。", "over_promise"),
        ("en", "Do take your time.", "curt_or_robotic"),
        ("en", "You won't have to explain it again.", "blame_shifting"),
        ("en", "Is there anything else you'd like compared?", "over_promise"),
    ],
)
def test_care_and_an_open_door_are_not_taken_for_their_opposite(language: str, text: str, check: str) -> None:
    assert suspects(check, Reply.read(text, language=language, kind="", context=Context())) == []
