"""Half-written texts, and texts that are used again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """What one colleague was writing in one conversation; gone when it is sent."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Internal note")

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="drafts", db_index=False
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REPLY)
    text = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("conversation", "author"), name="one_draft_each"),)

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.author_id}"


class SavedReply(models.Model):
    """A text used again, in both languages side by side; its blanks are filled when it is used.

    Beside it stand how not to say it and how to say it in one sentence, as training for whoever picks it.
    """

    id = models.BigAutoField(primary_key=True)
    code = models.SlugField(_("short name"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_zh = models.CharField(_("title in Chinese"), max_length=120, blank=True)
    text = models.TextField(
        _("text"), help_text=_("Blanks like {customer_name}, {order_number} or {amount} are filled in when it is used.")
    )
    text_zh = models.TextField(_("text in Chinese"), blank=True)
    # Where it belongs, as "phase.situation": complaints.options, pre_sales.safety, …
    situation = models.CharField(_("situation"), max_length=64, blank=True)
    wrong = models.TextField(_("how not to say it"), blank=True)
    wrong_zh = models.TextField(_("how not to say it, in Chinese"), blank=True)
    right = models.TextField(_("how to say it"), blank=True)
    right_zh = models.TextField(_("how to say it, in Chinese"), blank=True)
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("only for")
    )
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("saved reply")
        verbose_name_plural = _("saved replies")
        ordering = ("position", "code")

    def __str__(self) -> str:
        if (get_language() or "").startswith("zh") and self.title_zh:
            return self.title_zh
        return self.title

    def text_in(self, language: str) -> str:
        """In the customer's language; the other one where that was not written."""
        return (self.text_zh or self.text) if language.startswith("zh") else (self.text or self.text_zh)


class CheckOverride(models.Model):
    """A reply that went out although a check stopped it: which check, who said so, and why."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="check_overrides")
    check_id = models.SlugField(_("check"), max_length=64)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("sent by")
    )
    at = models.DateTimeField(_("moment"))

    class Meta:
        verbose_name = _("overridden check")
        verbose_name_plural = _("overridden checks")
        constraints = (models.UniqueConstraint(fields=("message", "check_id"), name="one_override_a_check"),)
        indexes = (models.Index(fields=("-at",), name="override_newest"),)

    def __str__(self) -> str:
        return f"{self.check_id} #{self.message_id}"


class PastAnswer(models.Model):
    """A conversation that was solved, as it may help with the next: what was asked, and how we answered.

    The words are not repeated here; ``question`` is in the index of passages under the conversation's id.
    """

    conversation = models.OneToOneField(
        "conversations.Conversation", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    question = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="+", db_index=False)
    answer = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="+", db_index=False)
    language = models.CharField(max_length=8)
    solved_at = models.DateTimeField()
    satisfied = models.BooleanField(null=True)
    cause = models.CharField(max_length=16)
    # Meaning of the question in half precision, where the installation has an encoder (search/vectors.py).
    vector = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("past answer")
        verbose_name_plural = _("past answers")

    def __str__(self) -> str:
        return f"{self.conversation_id}"


class SuggestionChoice(models.Model):
    """What a colleague did with a suggestion: used it for the answer, or put it away as unfitting."""

    class Kind(models.TextChoices):
        ARTICLE = "article", _("Article")
        SAVED = "saved", _("Saved reply")
        SOLVED = "solved", _("Solved before")

    class Choice(models.TextChoices):
        USED = "used", _("Used")
        DISMISSED = "dismissed", _("Put away")

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # The article, the saved reply or the conversation that was suggested.
    target = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=9, choices=Choice.choices)

    class Meta:
        verbose_name = _("choice of a suggestion")
        verbose_name_plural = _("choices of suggestions")
        indexes = (models.Index(fields=("choice", "at"), name="suggestion_choice_at"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.target} {self.choice}"
