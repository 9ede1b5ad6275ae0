"""Questions without an article, and what is to become better: a state is a row with who and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careloop.improvements.effect import Change, change

if TYPE_CHECKING:
    from careloop.accounts.models import User


class QuestionGroup(models.Model):
    """Alike questions that no article answered."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a question", "Open")
        IGNORED = "ignored", pgettext_lazy("state of a question", "Put aside")
        REGISTERED = "registered", pgettext_lazy("state of a question", "In the register")

    id = models.BigAutoField(primary_key=True)
    # Counted words of its questions: what is compared with the next ones once it is settled.
    words = models.JSONField(default=dict)
    # The words that tell it from others, as the page shows them.
    typical = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    first_asked_at = models.DateTimeField()
    last_asked_at = models.DateTimeField()
    # How many asked it in the window of the latest run and in the one before, so that lists need no counting.
    recent = models.PositiveIntegerField(default=0)
    before = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("question without an article")
        verbose_name_plural = _("questions without an article")
        indexes = (models.Index(fields=("state", "-recent", "-id"), name="question_group_largest"),)

    def __str__(self) -> str:
        return " ".join(self.typical)

    @property
    def growth(self) -> int:
        return self.recent - self.before


class GroupedQuestion(models.Model):
    """One conversation whose question belongs to a group."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(QuestionGroup, on_delete=models.CASCADE, related_name="questions", db_index=False)
    conversation = models.OneToOneField("conversations.Conversation", on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("grouped question")
        verbose_name_plural = _("grouped questions")
        indexes = (models.Index(fields=("group", "-asked_at", "-id"), name="grouped_newest"),)

    def __str__(self) -> str:
        return f"{self.conversation_id} in {self.group_id}"


class QuestionRun(models.Model):
    """One look at the new questions: how far it went, how many there were, how many found an article."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    since = models.DateTimeField()
    last_conversation = models.BigIntegerField(default=0)
    examined = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    # All questions of the window, the denominator of a group's share.
    asked_in_window = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("look at the questions")
        verbose_name_plural = _("looks at the questions")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class ImprovementQuerySet(models.QuerySet["Improvement"]):
    def visible_to(self, user: User) -> ImprovementQuerySet:
        """Everybody who works here; the conversations behind one keep their own sight."""
        return self.all() if user.is_authenticated and user.is_active else self.none()

    def newest_first(self, before: int | None = None) -> ImprovementQuerySet:
        rows = self.order_by("-pk")
        return rows if before is None else rows.filter(pk__lt=before)


class Improvement(models.Model):
    """Something that is to become better, with what speaks for it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("state of an improvement", "Proposed")
        DOING = "doing", pgettext_lazy("state of an improvement", "Being done")
        DONE = "done", pgettext_lazy("state of an improvement", "Done")
        DROPPED = "dropped", pgettext_lazy("state of an improvement", "Dropped")

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(_("title"), max_length=160)
    # {"asked": 12, "of": 40, "before": 5, "days": 28}: as counted when it was proposed.
    evidence = models.JSONField(default=dict)
    # {"asked": 3, "of": 52, "days": 14}: since it was done, counted at each look until as many days are over.
    effect = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)
    question = models.ForeignKey(QuestionGroup, null=True, on_delete=models.SET_NULL, related_name="improvements")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("owner")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PROPOSED)
    created_at = models.DateTimeField()

    objects: ClassVar[ImprovementQuerySet] = ImprovementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("improvement")
        verbose_name_plural = _("improvements")
        indexes = (models.Index(fields=("done_at",), name="improvement_done", condition=~Q(done_at=None)),)

    def __str__(self) -> str:
        return self.title

    @property
    def share(self) -> float | None:
        return self.evidence["asked"] / self.evidence["of"] if self.evidence.get("of") else None

    @property
    def change(self) -> Change | None:
        """What became of the share since it was done; None before it was counted."""
        if not (self.evidence.get("of") and self.effect.get("of")):
            return None
        return change(self.evidence["asked"], self.evidence["of"], self.effect["asked"], self.effect["of"])


class ImprovementStep(models.Model):
    """It became this, by whom, when and why."""

    id = models.BigAutoField(primary_key=True)
    improvement = models.ForeignKey(Improvement, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=8, choices=Improvement.State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("step of an improvement")
        verbose_name_plural = _("steps of improvements")

    def __str__(self) -> str:
        return f"{self.improvement_id} {self.state}"
