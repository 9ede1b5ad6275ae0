"""Every head answers with a label, a confidence and reasons, in Chinese and English (missions 9 to 11)."""

# ruff: noqa: T201  (the figures are printed for whoever runs the tests with -s)

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careloop.triage.engine.classifier import is_courtesy, understand
from careloop.triage.engine.heads import LABELS, NONE, Context
from careloop.triage.engine.prepare import strip_quotes

DATA = Path(__file__).parent / "data"


def test_the_sentence_of_seed_a_is_a_quality_complaint_with_a_severity() -> None:
    heads = understand("我购买的产品出现了质量问题，无法正常使用。")
    assert heads["nature"].label == "quality"
    assert heads["severity"].label == "moderate"
    assert heads["nature"].confidence > 0.5
    assert "质量问题" in heads["nature"].reasons


@pytest.mark.parametrize(
    ("text", "head", "label"),
    [
        ("Where is my order? Tracking has not moved", "intent", "order_status"),
        ("怎么用这个精华，早晚都要涂吗", "intent", "how_to"),
        ("A和B哪个更好", "intent", "comparison"),
        ("有点贵，有没有优惠？", "intent", "price"),
        ("会不会有副作用？", "intent", "safety"),
        ("这个真的有用吗？", "intent", "efficacy"),
        ("这个真的有用吗？", "phase", "pre_sales"),
        ("我要退款，钱什么时候退给我", "intent", "refund_request"),
        ("宽带从早上就断网了", "nature", "network"),
        ("My account is locked and I can't log in", "nature", "account"),
        ("The agent was rude and hung up on me", "nature", "service"),
        ("I was charged twice this month", "nature", "price"),
        ("快递五天没动", "nature", "logistics"),
        ("我要注销账号，再也不买了", "churn", "yes"),
        ("I am furious, this is unacceptable", "emotion", "angry"),
        ("非常满意，下次还来", "emotion", "happy"),
        ("请问这个怎么用", "handling_class", "A"),
        ("帮我改一下收货地址", "handling_class", "B"),
        ("收到的杯子碎了，要求换货", "handling_class", "C"),
        ("我已经投诉三次了没人管，气愤！再不解决法院见", "handling_class", "D"),
        ("我的 order 还没到 please help me check the tracking", "language", "mixed"),
    ],
)
def test_a_head_says_what_a_person_would(text: str, head: str, label: str) -> None:
    assert understand(text)[head].label == label


@pytest.mark.parametrize(
    ("channel", "source"),
    [("email", "email"), ("phone", "phone"), ("public_comment", "public"), ("portal", "online"), ("", "online")],
)
def test_the_source_follows_the_channel(channel: str, source: str) -> None:
    assert understand("你好", Context(channel=channel))["source"].label == source


@pytest.mark.parametrize("language", ["zh", "en"])
def test_severity_and_nature_agree_with_our_labels(language: str) -> None:
    rows = [line.split("\t") for line in (DATA / f"severity_{language}.tsv").read_text(encoding="utf-8").splitlines()]
    found = [(severity, nature, understand(text)) for severity, nature, text in rows]
    right = sum(severity == heads["severity"].label for severity, _, heads in found)
    same_nature = sum(nature == heads["nature"].label for _, nature, heads in found)
    severe = [heads["severity"].label for severity, _, heads in found if severity == "severe"]
    print(
        f"{language}: severity {right}/{len(rows)}, nature {same_nature}/{len(rows)}, severe {severe.count('severe')}"
    )
    assert right / len(rows) >= 0.9
    assert same_nature / len(rows) >= 0.85
    assert severe.count("severe") / len(severe) >= 0.9


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "好的，谢谢！",
        "谢谢小林",
        "收到，辛苦了",
        "问题解决了，非常感谢你们的帮助",
        "OK",
        "Thanks!",
        "Thank you so much 🙏",
        "Great, thanks for your quick help!",
        "That's solved, thank you",
        "Thanks Lin",
        "好的好的，谢谢亲",
        "嗯嗯",
        "👍谢谢",
    ],
)
def test_a_mere_thank_you_is_recognised(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "谢谢，但是还没解决",
        "好的，那什么时候退款？",
        "谢谢，不过又坏了",
        "Thanks, but it still does not work",
        "Thank you. When will it arrive?",
        "Thanks for nothing",
        "谢谢你们的垃圾产品",
        "",
        "坏了",
        "OK so where is my refund",
        "收到的是坏的",
        "不满意",
        "没解决",
        "thanks it broke again",
    ],
)
def test_a_thank_you_with_something_behind_it_is_not_a_mere_one(text: str) -> None:
    assert not is_courtesy(text)


def test_what_we_wrote_is_not_taken_for_the_customers_words() -> None:
    mail = "请处理\n\n-----原始邮件-----\n发件人: 客服\n产品着火请立即停用"
    assert "着火" not in strip_quotes(mail)
    assert strip_quotes("> Is it on fire?\nNo, thanks") == "\nNo, thanks"
    assert strip_quotes("好的\n\n在 2026年11月3日，客服写道：\n过敏请停用").strip() == "好的"


@given(st.text())
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer_from_every_head(text: str) -> None:
    heads = understand(text)
    assert set(heads) == set(LABELS)
    for head, result in heads.items():
        assert result.label in (*LABELS[head], NONE)
        assert 0 <= result.confidence <= 1
        assert result.as_dict()["label"] == result.label


@given(st.binary(max_size=2000))
@settings(max_examples=50, deadline=None)
def test_binary_read_as_text_gets_an_answer(raw: bytes) -> None:
    understand(raw.decode("utf-8", "replace"))
    understand(raw.decode("latin-1"))


@pytest.mark.parametrize(
    "text", ["啊" * 1_000_000, "a" * 1_000_000, "a b " * 250_000, ">" * 1_000_000, "\n" * 1_000_000]
)
def test_a_megabyte_gets_an_answer_in_time(text: str) -> None:
    assert set(understand(text)) == set(LABELS)
