"""What ships: in both languages, complete, loaded once (missions 78, 79, 145)."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from careloop.accounts.models import User
from careloop.common.errors import InvalidInput
from careloop.knowledge.commands import articles
from careloop.knowledge.loading import load_starter_articles, sectors, starter_articles
from careloop.knowledge.models import Article
from careloop.knowledge.services.writing import Wording, rewrite

SECTOR = "retail_skincare"
ENTRIES = starter_articles(SECTOR)


def test_there_are_at_least_twenty_five_and_each_stands_once() -> None:
    assert len({entry["code"] for entry in ENTRIES}) == len(ENTRIES) >= 25


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["code"])
def test_each_says_the_same_in_both_languages(entry: dict[str, Any]) -> None:
    assert entry["section"] in Article.Section.values
    for language in ("zh", "en"):
        assert entry["title"][language]
        assert len(entry["body"][language]) > 60
    assert entry["body"]["zh"].count("\n\n") == entry["body"]["en"].count("\n\n")


def test_loading_twice_adds_nothing_and_leaves_changes_alone(lin: User) -> None:
    assert load_starter_articles(SECTOR) == len(ENTRIES)
    article = Article.objects.get(code="invoice")
    rewrite(
        article, section="orders", audience="public", keywords="", wordings={"zh": Wording("开票", "改过了")},
        seen=None, by=lin,
    )  # fmt: skip
    assert load_starter_articles(SECTOR) == 0
    assert Article.objects.with_texts().get(code="invoice").newest("zh").title == "开票"  # type: ignore[union-attr]


def test_they_come_as_drafts_unless_asked_otherwise(db: None) -> None:
    load_starter_articles(SECTOR)
    assert not Article.objects.published().exists()


def test_a_sector_without_articles_is_refused(db: None) -> None:
    with pytest.raises(InvalidInput):
        load_starter_articles("../retail_skincare")
    assert sectors() == [SECTOR]


def test_the_command_loads_them_and_refuses_what_it_does_not_know(db: None) -> None:
    done = CliRunner().invoke(articles, ["load", "--publish"])
    assert (done.exit_code, "published" in done.output) == (0, True)
    assert Article.objects.public().exists()
    assert CliRunner().invoke(articles, ["load", "--sector", "moon"]).exit_code == 2
