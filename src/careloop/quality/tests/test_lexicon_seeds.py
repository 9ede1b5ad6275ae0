"""Every published seed phrase of domain.md §4.3 is known."""

from pathlib import Path

import pytest
import yaml

from careloop.quality.engine import Context, check_reply
from careloop.quality.engine.acts import first_act
from careloop.quality.engine.reply import Reply

SEEDS = yaml.safe_load((Path(__file__).parent / "lexicon_seeds.yaml").read_text(encoding="utf-8"))
ACTS = ("empathy", "apology")
PHRASES = [(name, lang, phrase) for name, by in SEEDS.items() for lang in by for phrase in by[lang]]


@pytest.mark.parametrize(("name", "language", "phrase"), [row for row in PHRASES if row[0] not in ACTS])
def test_a_phrase_to_avoid_is_marked(name: str, language: str, phrase: str) -> None:
    found = check_reply(phrase, language=language, kind="complaint")

    assert name in {each.check for each in found}


@pytest.mark.parametrize(("name", "language", "phrase"), [row for row in PHRASES if row[0] in ACTS])
def test_a_phrase_of_empathy_or_apology_is_recognised(name: str, language: str, phrase: str) -> None:
    reply = Reply.read(phrase, language=language, kind="complaint", context=Context())

    assert first_act(name, reply) is not None
