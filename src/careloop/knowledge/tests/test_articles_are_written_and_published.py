"""An article has a text a language, in versions; publishing shows them to readers (missions 78 to 82, 145)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from careloop.accounts.models import User
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.models import Event
from careloop.knowledge.models import Article, ArticleStep, ArticleText
from careloop.knowledge.services.writing import Wording, publish, retire, rewrite, write_article
from careloop.knowledge.tests.conftest import REFUND, Publish

PLACE: dict[str, Any] = {"section": "returns", "audience": "public", "keywords": ""}


def test_a_new_article_is_a_draft_that_no_reader_gets(lin: User) -> None:
    article = write_article(**PLACE, wordings=REFUND, by=lin)
    assert (article.state, article.live("zh")) == ("draft", None)
    assert not Article.objects.public().exists()
    assert ArticleStep.objects.get().by == lin
    assert Event.objects.get().name == "article.written"


def test_publishing_gives_readers_both_languages(published: Publish, chen: User) -> None:
    article = Article.objects.public().with_texts().get(pk=published().pk)
    assert [article.live(each).title for each in ("zh", "en")] == ["退款多久到账", "Where is my refund"]  # type: ignore[union-attr]
    assert list(article.steps.order_by("pk").values_list("state", "by")) == [("draft", chen.pk), ("published", chen.pk)]


def test_readers_keep_the_older_text_until_the_newer_is_published(published: Publish, lin: User, chen: User) -> None:
    article = published()
    rewrite(article, **PLACE, wordings={"zh": Wording("退款几天到", "两天。")}, seen=None, by=lin)
    fresh = Article.objects.with_texts().get()
    assert fresh.live("zh").title == "退款多久到账"  # type: ignore[union-attr]
    assert (fresh.newest("zh").number, fresh.has_unpublished_texts) == (2, True)  # type: ignore[union-attr]
    publish(fresh, by=chen)
    fresh = Article.objects.with_texts().get()
    assert fresh.live("zh").title == "退款几天到"  # type: ignore[union-attr]
    assert ArticleText.objects.filter(language="zh").count() == 2


def test_a_language_that_did_not_change_gets_no_version(published: Publish, lin: User) -> None:
    article = published()
    rewrite(article, **PLACE, wordings={**REFUND, "en": Wording("Refunds", "Soon.")}, seen=None, by=lin)
    assert list(article.texts.values_list("language", "number")) == [("en", 2), ("en", 1), ("zh", 1)]


def test_whoever_reads_a_language_that_was_not_written_gets_the_other(published: Publish) -> None:
    article = published({"zh": REFUND["zh"]})
    assert Article.objects.with_texts().get(pk=article.pk).live("en").language == "zh"  # type: ignore[union-attr]


def test_two_writers_do_not_overwrite_each_other(published: Publish, lin: User) -> None:
    article = published()
    seen = article.texts.order_by("-pk")[0].pk
    rewrite(article, **PLACE, wordings={"zh": Wording("一", "一")}, seen=seen, by=lin)
    with pytest.raises(Conflict) as refused:
        rewrite(article, **PLACE, wordings={"zh": Wording("二", "二")}, seen=seen, by=lin)
    assert refused.value.code == "article_changed"


def test_a_retired_article_is_offered_to_nobody_and_can_come_back(published: Publish, chen: User) -> None:
    article = retire(published(), by=chen)
    assert not Article.objects.published().exists()
    publish(article, by=chen)
    assert Article.objects.public().exists()


@pytest.mark.parametrize(
    ("wordings", "code"),
    [
        ({}, "article_empty"),
        ({"zh": Wording("", ""), "en": Wording("", "")}, "article_empty"),
        ({"zh": Wording("标题", "")}, "article_half"),
        ({"en": Wording("", "Text")}, "article_half"),
        ({"en": Wording("T", "x" * 20_001)}, "article_too_long"),
    ],
)
def test_half_an_article_is_refused(lin: User, wordings: dict[str, Wording], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        write_article(**PLACE, wordings=wordings, by=lin)
    assert refused.value.code == code
    assert not Article.objects.exists()


def test_a_language_has_one_live_text(published: Publish) -> None:
    article = published()
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleText.objects.create(
            article=article, language="zh", number=9, title="x", body="x", is_newest=False, is_live=True,
            at=article.changed_at,
        )  # fmt: skip
