"""Write an article, publish it, retire it: each keeps who did it and when, and no text is ever overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.knowledge import events
from careloop.knowledge.models import LANGUAGES, Article, ArticleStep, ArticleText

if TYPE_CHECKING:
    from careloop.accounts.models import User

LONGEST_BODY = 20_000


@dataclass(frozen=True, slots=True)
class Wording:
    """What an article says in one language."""

    title: str
    body: str

    @property
    def is_empty(self) -> bool:
        return not self.title and not self.body


Wordings = Mapping[str, Wording]


@writes
def write_article(
    *, section: str, audience: str, keywords: str, wordings: Wordings, by: User | None, code: str = "",
    at: datetime | None = None,
) -> Article:  # fmt: skip
    """A new draft. Records ``article.written``.

    Raises :class:`InvalidInput` when no language has both a title and a text, or one has only half of it.
    """
    _refuse_halves(wordings)
    at = at or timezone.now()
    article = Article.objects.create(
        code=code, section=section, audience=audience, keywords=keywords, created_at=at, changed_at=at
    )
    ArticleStep.objects.create(article=article, state=Article.State.DRAFT, by=by, at=at)
    _keep(article, wordings, by, at)
    return article


@writes
def rewrite(
    article: Article, *, section: str, audience: str, keywords: str, wordings: Wordings, seen: int | None, by: User
) -> Article:
    """A new version of each language whose text changed; what readers get stays until it is published.

    Records ``article.written``. ``seen`` is the newest text's id the writer had before them; raises
    :class:`Conflict` (``article_changed``) when a colleague has written since.
    """
    _refuse_halves(wordings)
    article = Article.objects.select_for_update().get(pk=article.pk)
    last = article.texts.order_by("-pk").values_list("pk", flat=True).first()
    if seen is not None and last is not None and last != seen:
        raise Conflict("article_changed", _("A colleague changed this article while you wrote. Look at it first."))
    article.section, article.audience, article.keywords = section, audience, keywords
    article.changed_at = timezone.now()
    article.save(update_fields=["section", "audience", "keywords", "changed_at"])
    _keep(article, wordings, by, article.changed_at)
    return article


@writes
def publish(article: Article, *, by: User | None, at: datetime | None = None) -> Article:
    """From now on readers get its newest texts. Records ``article.published``."""
    article.texts.filter(is_live=True, is_newest=False).update(is_live=False)
    article.texts.filter(is_newest=True).update(is_live=True)
    return _become(article, Article.State.PUBLISHED, events.ARTICLE_PUBLISHED, by, at)


@writes
def retire(article: Article, *, by: User) -> Article:
    """Nobody is offered it any more; its texts stay, and publishing it brings it back. Records ``article.retired``."""
    return _become(article, Article.State.RETIRED, events.ARTICLE_RETIRED, by, None)


def _become(article: Article, state: str, event: str, by: User | None, at: datetime | None) -> Article:
    article.state, article.changed_at = state, at or timezone.now()
    article.save(update_fields=["state", "changed_at"])
    ArticleStep.objects.create(article=article, state=state, by=by, at=article.changed_at)
    record(event, by=by, subject="article", subject_id=article.pk, at=article.changed_at)
    return article


def _keep(article: Article, wordings: Wordings, by: User | None, at: datetime) -> None:
    newest = {each.language: each for each in article.texts.filter(is_newest=True)}
    changed = [
        language for language in LANGUAGES
        if language in wordings and not wordings[language].is_empty
        and not _says(newest.get(language), wordings[language])
    ]  # fmt: skip
    article.texts.filter(is_newest=True, language__in=changed).update(is_newest=False)
    ArticleText.objects.bulk_create(
        ArticleText(
            article=article, language=language, number=newest[language].number + 1 if language in newest else 1,
            title=wordings[language].title, body=wordings[language].body, by=by, at=at,
        )
        for language in changed
    )  # fmt: skip
    record(events.ARTICLE_WRITTEN, by=by, subject="article", subject_id=article.pk, at=at, data={"languages": changed})


def _says(text: ArticleText | None, wording: Wording) -> bool:
    return text is not None and (text.title, text.body) == (wording.title, wording.body)


def _refuse_halves(wordings: Wordings) -> None:
    written = [each for each in wordings.values() if not each.is_empty]
    if not written:
        raise InvalidInput("article_empty", _("Write a title and a text in at least one language."))
    if any(not each.title or not each.body for each in written):
        raise InvalidInput("article_half", _("A language needs both a title and a text."))
    if any(len(each.body) > LONGEST_BODY for each in written):
        raise InvalidInput("article_too_long", _("This text is too long for one article. Make two of it."))
