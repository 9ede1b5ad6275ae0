"""Ranking by shared words: in memory and in the database, with the reasons people are shown."""

from __future__ import annotations

import pytest

from careloop.search import passages
from careloop.search.fusing import fuse
from careloop.search.ranking import Shelf, telling_tokens

TEXTS = {1: "退款多久到账", 2: "快递什么时候发货", 3: "Where is my refund", 4: "Parcel stuck, parcel delayed"}


@pytest.fixture
def indexed(db: None) -> None:
    for key, text in TEXTS.items():
        passages.put(key, text)


@pytest.mark.parametrize(
    ("question", "first"), [("我的退款呢", 1), ("怎么还不发货", 2), ("REFUNDS!", 3), ("my parcels are delayed", 4)]
)
def test_shelf_and_passages_find_the_same_first(indexed: None, question: str, first: int) -> None:
    shelf = Shelf((key, ((text, 1),)) for key, text in TEXTS.items())
    assert shelf.best(question, 3)[0].key == first
    assert passages.best(question, 3)[0].key == first


def test_pairs_that_follow_one_another_are_shown_as_one_word(indexed: None) -> None:
    assert passages.best("退款到账了没", 1)[0].words == ("退款", "到账")


def test_the_share_says_how_much_of_the_question_is_answered(indexed: None) -> None:
    whole, part = passages.best("refund", 1)[0], passages.best("refund for a broken unicorn", 1)[0]
    assert whole.share == pytest.approx(1.0)
    assert 0 < part.share < 0.5


def test_common_words_and_single_letters_tell_nothing() -> None:
    assert telling_tokens("I don't know what you are, 你好 请问") == []


def test_a_passage_that_is_removed_or_said_anew_is_not_found_by_its_old_words(indexed: None) -> None:
    passages.remove(1)
    passages.remove(99)
    passages.put(2, "换货")
    assert [hit.key for hit in passages.best("退款 快递 发货", 5)] == [3], "which speaks of a refund in English"


@pytest.mark.parametrize("question", ["", "的", '" OR NEAR(', "' & | !", "\x00", "a" * 9_000, "退" * 9_000])
def test_no_question_breaks_it(indexed: None, question: str) -> None:
    assert isinstance(passages.best(question, 5), list)


def test_fusing_prefers_what_several_rankings_hold() -> None:
    assert list(fuse([["a", "b"], ["b", "c"]])) == ["b", "a", "c"]
    assert list(fuse([["a", "b"]], {"b": 0.01})) == ["b", "a"]
