"""Patterns are skipped where they cannot match, and only there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from careloop.triage.engine.crisis import crisis_rules
from careloop.triage.engine.needles import Haystack, needles
from careloop.triage.engine.prepare import prepare

FROZEN = Path(__file__).parent / "data" / "frozen"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("(?:fire|smoke)s?", {"fire", "smoke"}),
        ("电池[^，]{0,4}(?:鼓|胀)", {"电池"}),
        ("(?:won.t|cannot) stop", {" stop"}),
        ("(?:abc)?(?:鼓|胀)", {"鼓", "胀"}),
        ("[!?]{2,}", {"!", "?"}),
        (r"\?|,", None),
        ("a+b", None),
        ("(?:fire|[a-z]+)", None),
        ("(?:hours?){0,2}", None),
    ],
)
def test_the_needles_of_a_pattern_are_what_it_cannot_match_without(pattern: str, found: set[str] | None) -> None:
    assert needles(re.compile(pattern)) == (found and frozenset(found))


def test_a_pattern_that_ignores_case_is_always_tried() -> None:
    haystack = Haystack()
    haystack.add(re.compile("fire", re.IGNORECASE))
    assert haystack.worth_trying("FIRE") == [0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_rule_is_skipped_where_it_matches(language: str) -> None:
    patterns = [pattern for pattern, _, _ in crisis_rules().lexicon.patterns]
    haystack = Haystack()
    for pattern in patterns:
        haystack.add(pattern)
    for line in (FROZEN / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        text = prepare(line.split("\t")[-1]).folded
        tried = set(haystack.worth_trying(text))
        assert not [one.pattern for at, one in enumerate(patterns) if at not in tried and one.search(text)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_figure_of_speech_is_overlooked(language: str) -> None:
    rules = crisis_rules()
    for line in (FROZEN / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        text = prepare(line.split("\t")[-1]).folded
        assert rules.idioms_within.worth_trying(text) or not rules.idioms.search(text)


@pytest.mark.parametrize("said", ["累死我了", "I am dying to try it", "笑死", "this is killing me"])
def test_a_figure_of_speech_is_looked_for(said: str) -> None:
    rules = crisis_rules()
    text = prepare(said).folded
    assert rules.idioms_within.worth_trying(text) or not rules.idioms.search(text)
