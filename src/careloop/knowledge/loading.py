"""The starter articles that ship with the desk, one folder a sector: files to read, load and then edit as one's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from careloop.common.errors import InvalidInput
from careloop.common.transaction import writes
from careloop.knowledge.models import LANGUAGES, Article
from careloop.knowledge.services.writing import Wording, publish, write_article

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from careloop.accounts.models import User


def sectors() -> list[str]:
    """For which there are starter articles."""
    return sorted(each.name for each in _folder().iterdir() if each.is_dir())


@writes
def load_starter_articles(
    sector: str, *, by: User | None = None, is_published: bool = False, at: datetime | None = None
) -> int:
    """Add the sector's articles that are missing, as drafts or published; how many. Changed ones stay as they are.

    Raises :class:`InvalidInput` for a sector that has none.
    """
    if sector not in sectors():
        raise InvalidInput("no_such_sector", f"There are no starter articles for {sector!r}; there are: {sectors()}.")
    known = set(Article.objects.exclude(code="").values_list("code", flat=True))
    new = [entry for entry in starter_articles(sector) if entry["code"] not in known]
    for entry in new:
        article = _written(entry, by, at)
        if is_published:
            publish(article, by=by, at=at)
    return len(new)


def starter_articles(sector: str) -> list[dict[str, Any]]:
    """As they stand in the files, in their order."""
    folder = _folder().joinpath(sector)
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    return [entry for name in names for entry in yaml.safe_load(folder.joinpath(name).read_text("utf-8"))]


def _written(entry: Mapping[str, Any], by: User | None, at: datetime | None) -> Article:
    return write_article(
        code=entry["code"], section=entry["section"], audience=entry.get("audience", Article.Audience.PUBLIC),
        keywords=entry["keywords"], by=by, at=at,
        wordings={
            language: Wording(entry["title"][language], entry["body"][language].strip()) for language in LANGUAGES
        },
    )  # fmt: skip


def _folder() -> Traversable:
    return files("careloop.knowledge").joinpath("data", "articles")
