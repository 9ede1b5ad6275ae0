"""Find the articles that fit a question: the index is made in memory from what is published, until that changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from django.db.models import Count, Max

from careloop.common.remembering import forget_on_change, remembered
from careloop.knowledge.models import Article, ArticleText
from careloop.search.ranking import Hit, Shelf

TITLE, KEYWORDS, BODY = 4, 3, 1
KEPT = "knowledge.finding"
# Of an article in the asker's own language this much more is thought.
OWN_LANGUAGE = 1.25


@dataclass(frozen=True, slots=True)
class FoundArticle:
    article: Article
    score: float
    words: tuple[str, ...]
    strength: float
    named: float


def find_articles(question: str, *, language: str, public_only: bool = False, limit: int = 10) -> list[FoundArticle]:
    """Published articles that fit the question, best first, each once whichever of its languages fits.

    Two queries at most. ``public_only`` leaves out what is for colleagues.
    """
    best: dict[int, Hit[tuple[int, str]]] = {}
    for hit in _shelf().best(question, limit * 4):
        article, spoken = hit.key
        score = hit.score * (OWN_LANGUAGE if spoken == language else 1.0)
        if article not in best or score > best[article].score:
            best[article] = replace(hit, score=score)
    rows = Article.objects.public() if public_only else Article.objects.published()
    known = rows.with_texts().in_bulk(best)
    ranked = sorted(best.items(), key=lambda each: -each[1].score)
    return [
        FoundArticle(known[pk], hit.score, hit.words, hit.strength, hit.named) for pk, hit in ranked if pk in known
    ][:limit]


def _shelf() -> Shelf[tuple[int, str]]:
    """Made anew when what is published changed, whichever process changed it: one small query says so."""
    found = remembered(KEPT, lambda: Article.objects.published().aggregate(count=Count("pk"), last=Max("changed_at")))
    return _made(f"{found['count']}:{found['last']}")


@lru_cache(maxsize=1)
def _made(_edition: str) -> Shelf[tuple[int, str]]:
    texts = ArticleText.objects.filter(is_live=True, article__state=Article.State.PUBLISHED)
    return Shelf(
        (
            (text.article_id, text.language),
            ((text.title, TITLE), (text.article.keywords, KEYWORDS), (text.body, BODY)),
        )
        for text in texts.select_related("article").order_by("article", "language")
    )


def watch_articles() -> None:
    """Called once when the room is ready: a change here is found at once."""
    forget_on_change(KEPT, Article, ArticleText)
