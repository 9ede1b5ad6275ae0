"""Feeling, kind of question, unwanted advertising: judged by rules and the learned twin together, with context."""

from __future__ import annotations

import pytest

from careloop.triage.engine.classifier import understand
from careloop.triage.engine.concepts import concepts
from careloop.triage.engine.heads import CRISIS, LABELS, QUESTION_TYPE, SENTIMENT, SPAM, Context
from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.taught import taught
from careloop.triage.engine.tokens import Tokens


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("这个面膜一周用几次？", "usage"),
        ("How many drops do I take a day?", "usage"),
        ("怎么把耳机连上手机？", "how_to"),
        ("How do I connect the speaker to my phone?", "how_to"),
        ("两件多少钱，有优惠吗", "price"),
        ("How much is shipping to Wales?", "price"),
        ("黑色的什么时候有货", "availability"),
        ("Do you have the grey one in stock?", "availability"),
        ("拆开过还能退吗，运费谁出", "policy"),
        ("What is your return policy for opened boxes?", "policy"),
        ("我的快递到哪了", "status"),
        ("Where is my order, has it shipped?", "status"),
        ("A款和B款哪个好？", "comparison"),
        ("孕妇可以用吗，有没有副作用", "safety"),
        ("Is it safe for a baby?", "safety"),
        ("真的有用吗，多久见效", "efficacy"),
        ("退钱！", "none"),
        ("The lamp arrived broken", "none"),
    ],
)
def test_a_question_has_a_kind(text: str, kind: str) -> None:
    assert understand(text)[QUESTION_TYPE].label == kind


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("质量很好，非常喜欢，下次还来", "positive"),
        ("Lovely staff and a spotless room, we will be back", "positive"),
        ("太差了，用两天就坏，再也不买", "negative"),
        ("Terrible quality, broke after two days, never again", "negative"),
        ("想改一下收货地址", "neutral"),
        ("My order number is 4471, please change the address", "neutral"),
    ],
)
def test_a_feeling_is_read(text: str, feeling: str) -> None:
    assert understand(text)[SENTIMENT].label == feeling


@pytest.mark.parametrize(
    "text",
    [
        "专业代开发票，各行业均可，加微信详谈",
        "低价涨粉互粉，一万粉九十九，加微信",
        "We offer SEO services and backlinks, page one of Google guaranteed, click here",
        "Earn $500 a day from home, no experience needed, click here",
    ],
)
def test_unwanted_advertising_is_recognised(text: str) -> None:
    answer = understand(text)[SPAM]
    assert answer.label == "yes"
    assert answer.reasons


@pytest.mark.parametrize(
    "text", ["我要开发票", "别再给我发广告短信了", "Please remove me from the newsletter", "快递没到", ""]
)
def test_what_a_customer_says_is_no_advertising(text: str) -> None:
    assert understand(text)[SPAM].label == "no"


@pytest.mark.parametrize(
    "text", ["加微信领取免费礼品，不然我就自杀", "Click here, casino bonus! My charger caught fire"]
)
def test_a_sign_of_a_crisis_is_never_taken_for_advertising(text: str) -> None:
    answer = understand(text)
    assert answer[CRISIS].labels
    assert answer[SPAM].label == "no"


def test_a_customer_with_an_order_is_believed_sooner() -> None:
    text = "恭喜您，点击链接领取"
    stranger, known = understand(text)[SPAM], understand(text, Context(has_order=True))[SPAM]
    assert dict(known.ranked)["yes"] < dict(stranger.ranked)["yes"]


@pytest.mark.parametrize("head", [SENTIMENT, QUESTION_TYPE, SPAM])
def test_every_label_is_taught_and_ranked(head: str) -> None:
    said = {one.labels[head] for one in taught() if head in one.labels}
    assert said == set(LABELS[head])
    ranked = understand("How much is it? I love it")[head].ranked
    assert {label for label, _ in ranked} == set(LABELS[head])
    assert sum(chance for _, chance in ranked) == pytest.approx(1)


def test_a_sentence_is_seen_as_ideas_beside_words() -> None:
    (sentence,) = Tokens.of(prepare("My toddler's thumbs were scalded")).sentences
    assert {"#body", "#hurt", "#body#hurt", "scalded"} <= sentence.features.keys()
    (sentence,) = Tokens.of(prepare("我去找12315")).sentences
    assert "#authority" in sentence.features


def test_sentences_are_read_apart() -> None:
    tokens = Tokens.of(prepare("It broke. 谢谢！Where is 3.5 kg?\nok"))
    assert [sentence.is_chinese for sentence in tokens.sentences] == [False, True, False, False]


def test_no_word_is_without_an_idea() -> None:
    assert all(word == word.strip() and numbers for word, numbers in concepts().of.items())
    assert len(concepts().names) == len(set(concepts().names))
