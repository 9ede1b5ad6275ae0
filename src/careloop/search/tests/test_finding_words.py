"""Exact for two-character Chinese words, for English words, for both in one message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.search import services
from careloop.search.tokenizer import terms, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("退款申请", ["退款", "款申", "申请"]),
        ("Where is my Refund?", ["where", "is", "my", "refund"]),
        ("订单 88-204 的ＶＩＰ折扣", ["订单", "88", "204", "的", "vip", "折扣"]),
        ("退款申請", ["退款", "款申", "申请"]),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text())
def test_no_text_breaks_the_tokenizer(text: str) -> None:
    assert all(token and "'" not in token and '"' not in token and " " not in token for token in tokens(text))
    terms(text)


@pytest.fixture
def three(db: None) -> None:
    services.put(1, conversation_id=10, title="退款 12 天仍未到账", body="我已经联系过三次客服了")
    services.put(2, conversation_id=20, title="Invoice", body="Please re-issue my credit card invoice")
    services.put(3, conversation_id=10, body="新的银行卡信息已经填了。Please confirm the refund.")


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("退款", [1]),
        ("银行卡", [3]),
        ("客服", [1]),
        ("客", [1]),
        ("credit card", [2]),
        ("card credit", [2]),
        ("refund", [3]),
        ("refu", [3]),
        ("银行卡 refund", [3]),
        ("請款", []),
        ("到帳", []),
        ("到账", [1]),
        ("账我", []),
        ("", []),
        ("!!! ' \" * ( ) :", []),
    ],
)
def test_finding(three: None, query: str, documents: list[int]) -> None:
    assert [document for document, _ in services.find(query)] == documents


def test_newest_first_and_paged_by_id(three: None) -> None:
    services.put(4, conversation_id=30, body="refund again")
    assert services.find("refund") == [(4, 30), (3, 10)]
    assert services.find("refund", before=4) == [(3, 10)]
    assert services.find("refund", limit=1) == [(4, 30)]


def test_indexing_anew_forgets_the_old_words(three: None) -> None:
    services.put(2, conversation_id=20, body="nothing")
    assert services.find("invoice") == []
    services.remove(1)
    assert services.find("退款") == []


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["'", '"', "a AND OR", "NEAR(", "*", "\\", "退款*", "𠮷野家", "ß", "İ", "\x00x"])
def test_odd_queries_find_nothing_and_raise_nothing(query: str) -> None:
    assert services.find(query) == []
