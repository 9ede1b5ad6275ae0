"""A question finds the article that answers it, in either language, and only what is published."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from careloop.accounts.models import User
from careloop.knowledge.finding import find_articles
from careloop.knowledge.loading import load_starter_articles
from careloop.knowledge.services.writing import retire
from careloop.knowledge.tests.conftest import Publish

QUESTIONS = [
    ("退款到底什么时候到？说好三天，今天第七天了", "refund-where"),
    ("查了银行卡没有退款啊，你们确定退了？？", "refund-where"),
    ("亲，啥时候发货鸭", "when-sent"),
    ("显示签收了可是我根本没收到", "signed-not-received"),
    ("泵头按了几十下都不出来", "faulty-pump"),
    ("刚买完就降价，退差价！", "price-protection"),
    ("发票抬头开错了", "invoice"),
    ("哺乳期能用A醇吗 宝宝三个月", "pregnancy"),
    ("用了以后脸上又红又痒", "skin-reacts"),
    ("where on earth is my refund, it's been a week", "refund-where"),
    ("The tracking hasn't moved in four days", "parcel-stuck"),
    ("I'm five months pregnant, is the night serum ok?", "pregnancy"),
    ("my face is red and itchy since I used it", "skin-reacts"),
    ("please change the delivery address of my order", "change-address"),
    ("I was charged twice for one order", "payment-failed"),
]


@pytest.fixture
def starters(db: None) -> None:
    load_starter_articles("retail_skincare", is_published=True)


def test_everyday_questions_find_their_article_first(starters: None) -> None:
    missed = [
        (question, [each.article.code for each in found])
        for question, code in QUESTIONS
        if (found := find_articles(question, language="zh" if ord(question[0]) > 255 else "en", limit=3))[
            0
        ].article.code
        != code
    ]
    assert missed == []


def test_it_says_which_words_they_share(published: Publish) -> None:
    published()
    assert find_articles("退款怎么还没到账", language="zh")[0].words == ("退款", "到账")


def test_what_is_for_colleagues_stays_with_them(published: Publish) -> None:
    published(audience="internal")
    assert find_articles("退款", language="zh")
    assert not find_articles("退款", language="zh", public_only=True)


def test_a_change_is_found_at_once(published: Publish, chen: User) -> None:
    article = published()
    assert find_articles("退款", language="zh")
    retire(article, by=chen)
    assert not find_articles("退款", language="zh")


def test_finding_takes_three_queries_however_many_articles(starters: None) -> None:
    find_articles("退款", language="zh")
    with CaptureQueriesContext(connection) as asked:
        find_articles("退款到账 发货", language="zh")
    assert len(asked) <= 3


@pytest.mark.parametrize("nothing", ["", "   ", "？？", "的了吗", "\x00", "🙂" * 500])
def test_a_question_that_says_nothing_finds_nothing(starters: None, nothing: str) -> None:
    assert find_articles(nothing, language="zh") == []
