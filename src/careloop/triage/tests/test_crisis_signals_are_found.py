"""Injury, safety, legal, media, regulator, self-harm, fraud: recall first, on sentences of our own (domain.md §4.3).

All sentences are frozen: a change of theirs changes a checksum below, so that nobody bends them to fit.
`crisis_*.tsv` (40 a class and language) were written before the rules by the same hand and teach the model, so their
figures say that nothing we thought of is missed. `reworded_*.tsv` (10 a class and language) were written after the
rules in other words; what they gave at first sight, before anything was mended, is in docs/measurements/triage.md.
"""

# ruff: noqa: T201  (the figures are printed for whoever runs the tests with -s)

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from careloop.common.text import count_han
from careloop.triage.engine.classifier import understand
from careloop.triage.engine.heads import CRISIS, LABELS, NONE, SEVERITY
from careloop.triage.engine.taught import CRISES, GRADED, taught

DATA = Path(__file__).parent / "data"
TAUGHT = CRISES
LANGUAGES = ("zh", "en")
RECALL_FIRST = ("injury", "safety", "self_harm", "fraud")
FROZEN_SET = DATA / "frozen"
HELD_OUT = DATA / "held_out"
UNSEEN = DATA / "unseen"
INDIRECT = DATA / "indirect"
FROZEN = (
    (DATA, DATA / "SHA256SUMS"),
    (TAUGHT, DATA / "SHA256SUMS.taught"),
    (GRADED, DATA / "SHA256SUMS.graded"),
    (FROZEN_SET, FROZEN_SET / "SHA256SUMS"),
    (HELD_OUT, HELD_OUT / "SHA256SUMS"),
    (UNSEEN, UNSEEN / "SHA256SUMS"),
    (INDIRECT, INDIRECT / "SHA256SUMS"),
)


def signals(text: str) -> set[str]:
    return set(understand(text)[CRISIS].labels or ())


def labelled(folder: Path, name: str) -> list[tuple[str, str]]:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t")[-1]) for line in lines]


def frozen_rows(language: str) -> list[list[str]]:
    return [line.split("\t") for line in (FROZEN_SET / f"{language}.tsv").read_text(encoding="utf-8").splitlines()]


def test_the_frozen_sentences_are_unchanged() -> None:
    for folder, sums in FROZEN:
        for line in sums.read_text().splitlines():
            digest, name = line.split()
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_frozen_sentence_teaches(language: str) -> None:
    frozen = {
        line.split("\t")[-1] for line in (FROZEN_SET / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    }
    assert len(frozen) >= 200
    assert not frozen & {one.text for one in taught() if {CRISIS, SEVERITY} & one.labels.keys()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frozen_set_keeps_what_was_reached(language: str) -> None:
    """What `python -m bench alarms` prints, some points below it: a change may not quietly lose it."""
    told = [(severity, signal, understand(text)) for severity, signal, _, text in frozen_rows(language)]
    crises = [heads for _, signal, heads in told if signal != NONE]
    alarmed = [signal for _, signal, heads in told if heads[CRISIS].labels]
    assert sum(bool(heads[CRISIS].labels) for heads in crises) / len(crises) >= 0.92
    assert sum(signal != NONE for signal in alarmed) / len(alarmed) >= 0.8
    assert sum(severity == heads["severity"].label for severity, _, heads in told) / len(told) >= 0.82


def unseen_rows(language: str) -> list[list[str]]:
    return [line.split("\t") for line in (UNSEEN / f"{language}.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_dangers_in_a_strangers_words_are_found_and_few_others_raised(language: str) -> None:
    """The bar itself, recall 0.95 at precision 0.6, on sentences whose author knew nothing of rules and teaching."""
    told = [(signal, bool(understand(text)[CRISIS].labels)) for _, signal, _, text in unseen_rows(language)]
    crises = [shown for signal, shown in told if signal != NONE]
    alarmed = [signal for signal, shown in told if shown]
    assert sum(crises) / len(crises) >= 0.95
    assert sum(signal != NONE for signal in alarmed) / len(alarmed) >= 0.6
    assert not {row[-1] for row in unseen_rows(language)} & {one.text for one in taught()}


def runs(text: str) -> set[str]:
    letters = "".join(letter for letter in text.lower() if letter.isalnum())
    return {letters[at : at + 3] for at in range(len(letters) - 2)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_told_indirectly_is_found_more_often_than_not(language: str) -> None:
    """Some points below what was reached; with it the ordinary sentences beside it, which sound alike."""
    rows = [line.split("\t") for line in (INDIRECT / f"{language}.tsv").read_text(encoding="utf-8").splitlines()]
    told = [(signal, bool(signals(text))) for _, signal, _, text in rows]
    crises = [shown for signal, shown in told if signal != NONE]
    quiet = [shown for signal, shown in told if signal == NONE]
    assert len(crises) >= 60
    assert sum(crises) / len(crises) >= {"zh": 0.57, "en": 0.72}[language]
    assert sum(quiet) / len(quiet) <= 0.3


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_close_to_an_indirect_sentence_teaches(language: str) -> None:
    kept = [runs(line.split("\t")[-1]) for line in (INDIRECT / f"{language}.tsv").read_text("utf-8").splitlines()]
    for name in (f"indirect_{language}.tsv", f"neighbours_{language}.tsv"):
        for line in (GRADED / name).read_text(encoding="utf-8").splitlines():
            own = runs(line.split("\t")[-1])
            assert max(len(own & other) for other in kept) <= 0.5 * len(own), line


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("住了几天都好，早餐不错，服务员热情，" * 6 + "可是昨晚插座着火了，幸好没睡着", "safety"),
        ("The room was fine. Breakfast was good. The desk was kind. " * 4 + "Then I said I want to die.", "self_harm"),
    ],
)
def test_a_danger_named_is_found_at_the_end_of_a_long_message(text: str, signal: str) -> None:
    assert signal in signals(text)


@pytest.mark.parametrize(
    "text",
    [
        "送得太慢，差评差评差评",
        "真是度假的好地方，出了高速打车到火车站二十块",
        "难吃得要死，排骨炖得稀烂",
        "退房时被告知早餐免费",
        "Loved the pool, see http://t.co/fire for pictures",
    ],
)
def test_parts_of_other_words_are_no_alarm(text: str) -> None:
    assert signals(text) == set()


@pytest.mark.parametrize("text", ["宝宝三个月", "宝宝三个月能用吗", "Is it fine for a baby of three months?"])
def test_an_age_in_months_is_not_grave(text: str) -> None:
    assert understand(text)["severity"].label == "minor"


def test_every_signal_and_level_is_taught_by_sixty_sentences_a_language() -> None:
    for head, least in ((CRISIS, 100), (SEVERITY, 60)):
        for language in LANGUAGES:
            said = [
                one.labels[head].split(",")
                for one in taught()
                if head in one.labels and (count_han(one.text) > 1) == (language == "zh")
            ]
            for label in LABELS[head]:
                assert sum(label in own for own in said) >= least, label


def held_out_rows(language: str) -> list[list[str]]:
    return [line.split("\t") for line in (HELD_OUT / f"{language}.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_held_out_sentence_teaches(language: str) -> None:
    assert not {row[-1] for row in held_out_rows(language)} & {
        one.text for one in taught() if {CRISIS, SEVERITY} & one.labels.keys()
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("signal", LABELS[CRISIS])
def test_a_crisis_is_found_with_recall_first(language: str, signal: str) -> None:
    rows = labelled(TAUGHT, f"crisis_{language}.tsv")
    quiet = labelled(TAUGHT, f"quiet_{language}.tsv")
    wanted = [text for label, text in rows if label == signal]
    hits = sum(signal in signals(text) for text in wanted)
    alarms = sum(signal in signals(text) for _, text in quiet)
    recall, precision = hits / len(wanted), hits / max(hits + alarms, 1)
    print(f"{language} {signal}: recall {recall:.3f} (n={len(wanted)}), precision {precision:.3f} (quiet={len(quiet)})")
    assert len(wanted) >= 40
    assert recall >= (0.95 if signal in RECALL_FIRST else 0.9)
    assert precision >= 0.9


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_messages_raise_few_alarms(language: str) -> None:
    quiet = [text for _, text in labelled(TAUGHT, f"quiet_{language}.tsv")]
    alarmed = [text for text in quiet if signals(text)]
    print(f"{language}: {len(alarmed)} of {len(quiet)} ordinary messages raised an alarm: {alarmed}")
    assert len(alarmed) / len(quiet) <= 0.1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_crisis_in_other_words_is_found_too(language: str) -> None:
    rows = labelled(DATA, f"reworded_{language}.tsv")
    crises = [(label, signals(text)) for label, text in rows if label != NONE]
    quiet = [signals(text) for label, text in rows if label == NONE]
    named, any_signal = sum(label in found for label, found in crises), sum(bool(found) for _, found in crises)
    print(f"{language} in other words: named {named}, any signal {any_signal} of {len(crises)}; alarms {quiet}")
    assert any_signal / len(crises) >= 0.9
    assert sum(bool(found) for found in quiet) / len(quiet) <= 0.35


def test_the_allergy_case_of_seed_b_trips_injury() -> None:
    told = "我买了你们的护肤品，用了之后过敏了，脸上又红又痒，非常不满，准备投诉！"
    heads = understand(told)
    assert "injury" in (heads[CRISIS].labels or ())
    assert heads["severity"].label == "severe"
    assert heads["handling_class"].label == "D"


@pytest.mark.parametrize(
    "text",
    [
        "笑死我了",
        "气死我了，又缺货",
        "I'm dying to try it",
        "用了两周没有过敏",
        "no rash, no swelling, love it",
        "会不会过敏？",
        "Is it safe for sensitive skin?",
        "你们客服说“绝对不会过敏”，请问是真的吗",
        'Your agent said "it will not cause a rash", is that right?',
        "我不会去法院起诉的",
        "",
        "12345678901",
    ],
)
def test_idioms_negations_questions_and_quotes_raise_no_alarm(text: str) -> None:
    assert signals(text) == set()


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("我媽媽用了之後過敏，臉都腫了", "injury"),  # traditional characters
        ("充電寶著火了", "safety"),
        ("我要去１２３１５投诉", "regulator"),  # full width
        ("我不想\u200b活了", "self_harm"),  # a zero-width space in the word
        ("笑死，但是我真的不想活了", "self_harm"),  # an idiom beside the real thing
        ("以前从来没有过敏，这次用完过敏了", "injury"),
        ("不仅过敏，还流脓", "injury"),
        ("My skin is burning!!! 过敏了 help", "injury"),
        ("SOMEONE STOLE MY CARD AND USED IT WITHOUT MY PERMISSION", "fraud"),
    ],
)
def test_a_signal_is_found_however_it_is_written(text: str, signal: str) -> None:
    assert signal in signals(text)


def test_several_signals_hold_at_once() -> None:
    found = signals("充电宝爆炸把我手烫伤了，我已经打了12315，也找了律师，明天曝光你们")
    assert {"safety", "injury", "regulator", "legal", "media"} <= found
