"""Judging many messages at once says of each what judging it alone says, to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careloop.triage.engine.classifier import classifier_from
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.heads import Context
from careloop.triage.engine.rules import TEXTS_AT_ONCE, rule_classifier
from careloop.triage.engine.training import train

DATA = Path(__file__).parent / "data"
SAID = (
    "快递没到", "过敏了，脸上发红！", "我要投诉，退款。", "谢谢", "没有受伤", "订单 1234567890", "会爆炸吗？",
    "my parcel never arrived", "It caught fire!", "thanks a lot", "refund, please.", "I will sue", "no injury", "?!",
)  # fmt: skip
CONTEXTS = (None, Context(), Context(channel="phone", is_vip=True), Context(has_order=False, earlier_messages=4))
MESSAGES = st.one_of(
    st.lists(st.sampled_from(SAID), max_size=6).map(" ".join), st.lists(st.sampled_from(SAID)).map("".join), st.text()
)
TAUGHT = train(
    Examples(["good thing", "bad thing", "好东西", "坏东西", "good", "坏了"], ["praise", "quality"] * 3), "nature"
)


@given(st.lists(st.tuples(MESSAGES, st.sampled_from(CONTEXTS)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_rules_and_tables_say_of_many_what_they_say_of_each(messages: list[tuple[str, Context | None]]) -> None:
    rules = rule_classifier()
    together = rules.predict_many([text for text, _ in messages], [context for _, context in messages])
    assert together == [rules.predict(text, context) for text, context in messages]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_frozen_messages_are_judged_alike_alone_and_together(language: str) -> None:
    lines = (DATA / "frozen" / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    texts = [line.split("\t")[-1] for line in lines]
    rules = rule_classifier()
    assert rules.predict_many(texts) == [rules.predict(text) for text in texts]


def test_more_messages_than_are_read_at_once_keep_their_order() -> None:
    texts = [f"{SAID[number % len(SAID)]} {number}" for number in range(TEXTS_AT_ONCE + 3)]
    together = rule_classifier().predict_many(texts)
    assert len(together) == len(texts)
    assert together[-1] == rule_classifier().predict(texts[-1])


def test_a_trained_model_is_blended_into_each_of_many() -> None:
    blended = classifier_from([TAUGHT])
    texts = ["good 好", "", "  ", "坏了，退款", "> quoted"]
    together = blended.predict_many(texts)
    assert together == [blended.predict(text) for text in texts]
    assert [one["nature"].source for one in together] == ["linear", "rules", "rules", "linear", "linear"]


def test_no_message_at_all_is_no_answer() -> None:
    assert rule_classifier().predict_many([]) == []
    assert classifier_from([TAUGHT]).predict_many([]) == []
