"""Articles: one matter, a text a language, each text in versions; a state is a row with who and when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("zh", "en")


class ArticleQuerySet(models.QuerySet["Article"]):
    def public(self) -> ArticleQuerySet:
        """What a customer may read."""
        return self.published().filter(audience=Article.Audience.PUBLIC)

    def published(self) -> ArticleQuerySet:
        return self.filter(state=Article.State.PUBLISHED)

    def with_texts(self) -> ArticleQuerySet:
        """Each article with the texts that are read and those that are newest, in one query more."""
        shown = ArticleText.objects.filter(Q(is_live=True) | Q(is_newest=True))
        return self.prefetch_related(Prefetch("texts", queryset=shown, to_attr="shown_texts"))

    def latest_first(self, before: int | None = None) -> ArticleQuerySet:
        rows = self.order_by("-pk")
        return rows if before is None else rows.filter(pk__lt=before)


class Article(models.Model):
    """One matter. What it says stands in its texts; ``state`` repeats the last of its steps, for lists."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("state of an article", "Draft")
        PUBLISHED = "published", pgettext_lazy("state of an article", "Published")
        RETIRED = "retired", pgettext_lazy("state of an article", "Retired")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Customers and colleagues")
        INTERNAL = "internal", _("Colleagues only")

    class Section(models.TextChoices):
        CHOOSING = "choosing", _("Choosing a product")
        ORDERS = "orders", _("Orders and payment")
        DELIVERY = "delivery", _("Delivery")
        RETURNS = "returns", _("Returns and refunds")
        USING = "using", _("Using it")
        SAFETY = "safety", _("Skin and safety")
        MEMBERS = "members", _("Membership and offers")
        PARTNERS = "partners", _("Shops and partners")
        WORK = "work", _("How we work")

    id = models.BigAutoField(primary_key=True)
    # The name of one that ships with the desk, so that it is loaded once.
    code = models.SlugField(max_length=64, blank=True)
    section = models.CharField(_("section"), max_length=12, choices=Section.choices)
    audience = models.CharField(_("who reads it"), max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    # Other words that people use for the matter, in any language, parted by commas.
    keywords = models.CharField(_("other words for it"), max_length=400, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    # Filled by the word ``with_texts`` of the query set.
    shown_texts: list[ArticleText]

    objects: ClassVar[ArticleQuerySet] = ArticleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes = (models.Index(fields=("state", "audience", "-id"), name="article_readers"),)
        constraints = (models.UniqueConstraint(fields=("code",), condition=~Q(code=""), name="article_code_once"),)

    def __str__(self) -> str:
        text = self.newest(screen_language()) or self.newest("en")
        return text.title if text else f"#{self.pk}"

    def live(self, language: str) -> ArticleText | None:
        """What readers get in this language; where it was not written, the other one."""
        return self._choose(language, [each for each in self._texts() if each.is_live])

    def newest(self, language: str) -> ArticleText | None:
        """What was written last in this language; where it was not written, the other one."""
        return self._choose(language, [each for each in self._texts() if each.is_newest])

    def newest_of(self, language: str) -> ArticleText | None:
        """What was written last in exactly this language."""
        return next((each for each in self._texts() if each.is_newest and each.language == language), None)

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def has_unpublished_texts(self) -> bool:
        """Whether somebody wrote something that readers do not get yet."""
        return self.is_published and any(each.is_newest and not each.is_live for each in self._texts())

    def _texts(self) -> list[ArticleText]:
        if not hasattr(self, "shown_texts"):
            self.shown_texts = list(self.texts.filter(Q(is_live=True) | Q(is_newest=True)))
        return self.shown_texts

    @staticmethod
    def _choose(language: str, texts: list[ArticleText]) -> ArticleText | None:
        return next((each for each in texts if each.language == language), texts[0] if texts else None)


class ArticleText(models.Model):
    """One version of an article in one language."""

    id = models.BigAutoField(primary_key=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="texts", db_index=False)
    language = models.CharField(max_length=2, choices=[("zh", "中文"), ("en", "English")])
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    body = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    is_newest = models.BooleanField(default=True)
    is_live = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("text of an article")
        verbose_name_plural = _("texts of articles")
        ordering = ("language", "-number")
        constraints = (
            models.UniqueConstraint(fields=("article", "language", "number"), name="article_version_once"),
            models.UniqueConstraint(
                fields=("article", "language"), condition=Q(is_newest=True), name="article_one_newest"
            ),
            models.UniqueConstraint(fields=("article", "language"), condition=Q(is_live=True), name="article_one_live"),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.language} {self.number})"


class ArticleStep(models.Model):
    """The article became this, by whom and when."""

    id = models.BigAutoField(primary_key=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="steps", db_index=False)
    state = models.CharField(max_length=9, choices=Article.State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step of an article")
        verbose_name_plural = _("steps of articles")
        indexes = (models.Index(fields=("article", "-id"), name="article_steps"),)

    def __str__(self) -> str:
        return f"{self.article_id} {self.state}"


def screen_language() -> str:
    """The reader's language as texts name it."""
    return "zh" if (get_language() or "").startswith("zh") else "en"
