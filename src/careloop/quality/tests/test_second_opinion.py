"""The learned second opinion: what it adds, what it takes back, and that it belongs to its sentences."""

import numpy as np
import pytest

from careloop.quality.engine import Context, Finding, check_reply
from careloop.quality.engine.second_opinion import MODEL


def said(text: str, language: str, check: str, final_response: bool = False) -> list[Finding]:
    found = check_reply(text, language=language, context=Context(final_response=final_response))
    return [each for each in found if each.check == check]


@pytest.mark.parametrize(
    ("language", "check", "polite", "meant"),
    [
        ("zh", "blame_shifting", "您好，感谢您的来电。", "暖气不热得问换热站，客服中心插不上手。"),
        (
            "en",
            "blame_shifting",
            "Hello, thank you for calling. ",
            "The gym's contractor fitted the lockers, chase them.",
        ),
        ("zh", "over_promise", "您好，很高兴为您服务。", "这台净水器用一辈子都不会坏。"),
        (
            "en",
            "over_promise",
            "Hi, thanks for asking. ",
            "Your garden will be the envy of everyone, there is no way it fails.",
        ),
        ("zh", "curt_or_robotic", "您好。", "您愿意闹就接着闹呗。"),
        ("en", "curt_or_robotic", "Hello. ", "Keep whining and see where it gets you."),
    ],
)
def test_an_oblique_sentence_among_polite_ones_is_marked_and_only_that(
    language: str, check: str, polite: str, meant: str
) -> None:
    (found,) = said(polite + meant, language, check)

    assert (polite + meant)[found.start : found.end] == meant
    assert found.level.value == "warn"
    assert found.better


@pytest.mark.parametrize("text", ["饭盒已经包好了，您路过来拿。", "礼物帮您包好啦，今天下午寄出。"])
def test_what_is_wrapped_is_not_promised(text: str) -> None:
    assert said(text, "zh", "over_promise") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "我们绝不会说“不归我们管”。"),
        ("zh", "您说“客服让我自己去找厂家”，这样回答您是不对的。"),
        ("en", 'We will never tell you "take it up with the courier".'),
    ],
)
def test_what_somebody_else_said_or_nobody_will_say_is_left_alone(language: str, text: str) -> None:
    assert said(text, language, "blame_shifting") == []


def test_a_final_letter_is_read_by_the_lexicon_alone() -> None:
    text = "The gym's contractor fitted the lockers, chase them."

    assert said(text, "en", "blame_shifting")
    assert said(text, "en", "blame_shifting", final_response=True) == []


def test_the_shipped_model_learned_from_the_sentences_beside_it() -> None:
    training = pytest.importorskip("careloop.quality.engine.second_opinion_training", exc_type=ImportError)

    with np.load(MODEL, allow_pickle=False) as arrays:
        built_from = str(arrays["fingerprint"])

    assert built_from == training.fingerprint(), "run python -m careloop.quality.engine.second_opinion_training"
