"""Folding and language detection by tables and by properties (missions on Chinese and English as equals)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.common.text import (
    count_han,
    detect_language,
    fold,
    is_han,
    reply_language,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("我購買的產品出現了質量問題", "我购买的产品出现了质量问题"),
        ("ＡＢＣ１２３！", "abc123!"),
        ("ﾌﾘｰ", "フリー"),
        ("過敏、紅腫、癢", "过敏、红肿、痒"),
        ("妳們", "你们"),
        ("ﬁne", "ﬁne"),  # would need two characters, so it stays
        ("", ""),
    ],
)
def test_width_case_and_traditional_characters_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_keeps_every_offset_and_is_idempotent(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我购买的产品出现了质量问题，无法正常使用。", "zh"),
        ("我的 iPhone 15 收到就开不了机，麻烦看看", "zh"),
        ("My parcel still has not arrived", "en"),
        ("hello", "en"),
        ("我的 order 还没到 please help me check the tracking", "mixed"),
        ("Bonjour, je n'ai pas reçu ma commande", "other"),
        ("注文した商品がまだ届きません。どうなっていますか", "other"),
        ("Где мой заказ?", "other"),
        ("12345 !!!", "other"),
        ("", "other"),
    ],
)
def test_the_language_of_a_message_is_recognised(text: str, language: str) -> None:
    assert detect_language(text).language == language


@given(st.text())
def test_detection_never_raises_and_its_confidence_is_a_share(text: str) -> None:
    found = detect_language(text)
    assert 0 <= found.confidence <= 1
    assert 0 <= found.chinese_share <= 1


def test_a_reply_is_in_chinese_when_the_customer_mixes_in_product_names() -> None:
    assert reply_language("iPhone 15 Pro Max 坏了") == "zh"
    assert reply_language("Thank you 小林!") == "en"
    assert reply_language("", otherwise="zh") == "zh"


def test_ideographs_are_counted_and_punctuation_is_not() -> None:
    assert count_han("好，ok。") == 1
    assert is_han("々")
    assert not is_han("。")
