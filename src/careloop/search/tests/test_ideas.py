"""What is spoken of in other words is still found; words that say nothing weigh little."""

from __future__ import annotations

import pytest

from careloop.search.ideas import ideas_in
from careloop.search.ranking import Shelf, dice, fitting
from careloop.search.weighing import telling

pytestmark = pytest.mark.offline


@pytest.mark.parametrize(
    ("text", "ideas"),
    [
        ("防晒断货了吗", {"ǂstock", "ǂsunscreen"}), ("防曬斷貨了嗎", {"ǂstock", "ǂsunscreen"}),
        ("It has been SOLD OUT for weeks", {"ǂstock"}), ("sold it, out of curiosity", set()),
        ("I am pregnant", {"ǂexpecting"}), ("", set()), ("？？\x00🙂", set()),
    ],
)  # fmt: skip
def test_ideas_of_a_text(text: str, ideas: set[str]) -> None:
    assert {mark for mark, _words in ideas_in(text)} == ideas


def test_it_says_in_the_askers_words_why_another_text_fits() -> None:
    shelf = Shelf([(1, (("缺货的什么时候补？", 4),)), (2, (("怎么退货？", 4),))])
    hit = shelf.best("那款面霜断货好久了", 2)[0]
    assert (hit.key, hit.words) == (1, ("断货",))


def test_an_idea_reaches_over_languages() -> None:
    shelf = Shelf([(1, (("缺货的什么时候补？", 4),)), (2, (("怎么退货？", 4),))])
    assert [hit.key for hit in fitting(shelf.best("is the cream sold out?", 2))] == [1]


@pytest.mark.parametrize(("little", "much"), [("了一", "退款"), ("last", "refund"), ("12", "12315"), ("怎么", "过敏")])
def test_words_of_every_text_tell_less(little: str, much: str) -> None:
    assert telling(little) < telling(much)


def test_a_word_from_the_body_alone_is_not_enough() -> None:
    shelf = Shelf([(1, (("怎么退货", 4), ("按照视频里的步骤打包", 1)))])
    assert shelf.best("我们做视频代运营", 1)
    assert fitting(shelf.best("我们做视频代运营", 1)) == []


def test_the_name_of_a_product_says_once_what_it_says() -> None:
    texts = [(1, (("Niacinamide Glow Serum leaked", 1),)), (2, (("serum label torn", 1),))]
    shelf = Shelf([*texts, *((place, ((f"word{place} other{place}", 1),)) for place in range(3, 60))])
    name, apart = shelf.best("niacinamide glow serum", 1)[0], shelf.best("niacinamide and a glow on the serum", 1)[0]
    assert name.score < apart.score * 1.01
    assert name.key == apart.key == 1


def test_dice_of_sets_of_words() -> None:
    assert dice(frozenset("ab"), frozenset("bc")) == 0.5
