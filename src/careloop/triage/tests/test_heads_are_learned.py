"""What a message is about, wants and feels is judged by rules and a learned twin together (missions 9, 10 and 52)."""

# ruff: noqa: T201  (the figures are printed for whoever runs the tests with -s)

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from careloop.triage.engine.classifier import understand
from careloop.triage.engine.errors import UnreadableModel
from careloop.triage.engine.learned import learned_model, load
from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.taught import MEANING_HEADS, MEANINGS, fingerprint, read_meanings, taught

DATA = Path(__file__).parent / "data" / "heads"
CLOSE = 0.5
# What the frozen half must reach at least, a little under what was measured (docs/measurements/triage.md).
FLOORS = {
    "zh": {"nature": 0.68, "intent": 0.72, "phase": 0.82, "handling_class": 0.70, "emotion": 0.72},
    "en": {"nature": 0.61, "intent": 0.62, "phase": 0.70, "handling_class": 0.58, "emotion": 0.72},
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_messages_never_tuned_on_are_judged_as_a_person_would(language: str) -> None:
    rows = read_meanings(DATA / f"frozen_{language}.tsv")
    answers = [understand(row.text) for row in rows]
    for head in MEANING_HEADS:
        right = sum(row.labels[head] == answer[head].label for row, answer in zip(rows, answers, strict=True))
        print(f"{language} {head}: {right}/{len(rows)}")
        assert right / len(rows) >= FLOORS[language][head], head


def test_the_frozen_messages_have_not_changed() -> None:
    for line in (DATA / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_sentence_that_teaches_comes_close_to_a_frozen_one(language: str) -> None:
    taught = [pieces(row.text) for file in MEANINGS.glob(f"*_{language}.tsv") for row in read_meanings(file)]
    for row in read_meanings(DATA / f"frozen_{language}.tsv"):
        own = pieces(row.text)
        nearest = max(len(own & other) / max(len(own | other), 1) for other in taught)
        assert nearest < CLOSE, row.text


def test_the_model_was_built_from_these_sentences() -> None:
    assert learned_model().fingerprint == fingerprint(taught())


def test_a_reason_is_the_customers_own_words() -> None:
    text = "我购买的产品出现了质量问题，无法正常使用。"
    nature = understand(text)["nature"]
    assert nature.label == "quality"
    assert nature.reasons
    assert all(reason in text for reason in nature.reasons)


def test_the_heaviest_words_come_first() -> None:
    text = prepare("你好，昨天买的耳机，麻烦开一下发票")
    reading = learned_model().read(text)
    assert reading is not None
    assert "发票" in reading.reasons("nature", "order", 1)[0]


def test_a_text_without_a_known_word_is_left_to_the_rules() -> None:
    assert learned_model().read(prepare("§§§")) is None
    assert understand("§§§")["nature"].label == "other"


def test_a_file_that_is_no_model_is_refused_with_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "learned.npz"
    broken.write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(UnreadableModel, match="teaching"):
        load(broken)


def pieces(text: str) -> set[str]:
    """Pairs of Chinese characters, or English words and their pairs."""
    folded = text.lower()
    han = "".join(re.findall(r"[\u4e00-\u9fff]", folded))
    if han:
        return {han[at : at + 2] for at in range(len(han) - 1)}
    words = re.findall(r"[a-z']+", folded)
    return {*words, *(" ".join(words[at : at + 2]) for at in range(len(words) - 1))}
