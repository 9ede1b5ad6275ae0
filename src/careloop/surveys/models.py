"""What we ask after a matter is resolved, and what the customer says (mission 22)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from careloop.conversations.models import Conversation
from careloop.surveys.arithmetic import BEST_TWO, Scores, mean_score

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from careloop.accounts.models import User

LONGEST_COMMENT = 4000


def new_token() -> str:
    return secrets.token_urlsafe(18)


class SurveyQuerySet(models.QuerySet["Survey"]):
    def asked_between(self, start: datetime, end: datetime) -> SurveyQuerySet:
        """Asked from ``start`` on and before ``end``."""
        return self.filter(asked_at__gte=start, asked_at__lt=end)

    def unanswered(self) -> SurveyQuerySet:
        return self.filter(answer=None)


class Survey(models.Model):
    """One question to one customer about one resolution; its link is the only key to it."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="surveys", db_index=False
    )
    resolution = models.OneToOneField("conversations.Resolution", on_delete=models.CASCADE, related_name="survey")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    language = models.CharField(max_length=8, default="en")
    asked_at = models.DateTimeField()
    # When the invitation went into the thread; empty while it waits, or when no channel carries it.
    sent_at = models.DateTimeField(null=True)

    objects: ClassVar[SurveyQuerySet] = SurveyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        indexes = (
            models.Index(fields=("conversation", "-id"), name="survey_conversation"),
            models.Index(fields=("asked_at",), name="survey_asked"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.pk}"


class SurveyWithheldQuerySet(models.QuerySet["SurveyWithheld"]):
    def visible_to(self, user: User | AnonymousUser) -> SurveyWithheldQuerySet:
        return self.filter(conversation__in=Conversation.objects.visible_to(user))

    def open(self) -> SurveyWithheldQuerySet:
        """Nobody has said yet that these may be asked, and their matters rest."""
        return self.filter(released_at=None, resolution__reopened_at=None)

    def newest_first(self, before: int | None = None) -> SurveyWithheldQuerySet:
        rows = self.select_related("conversation__customer", "resolution").order_by("-pk")
        return rows if before is None else rows.filter(pk__lt=before)


class SurveyWithheld(models.Model):
    """A resolution about which nobody is asked, because the customer may harm themselves, until a person says so."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="withheld_surveys"
    )
    resolution = models.OneToOneField(
        "conversations.Resolution", on_delete=models.CASCADE, related_name="withheld_survey"
    )
    at = models.DateTimeField()
    signals = models.JSONField(default=list)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[SurveyWithheldQuerySet] = SurveyWithheldQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("withheld survey")
        verbose_name_plural = _("withheld surveys")

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.signals}"

    @property
    def is_open(self) -> bool:
        return self.released_at is None


def _score(label: object) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(label, validators=[MinValueValidator(1), MaxValueValidator(5)])  # type: ignore[arg-type]


class SurveyAnswer(models.Model):
    """The customer's own word: solved or not, three scores from 1 to 5, a comment. Given once."""

    id = models.BigAutoField(primary_key=True)
    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="answer")
    solved = models.BooleanField(_("solved"))
    c1_speed = _score(_("C1 speed"))
    c2_result = _score(_("C2 result"))
    c3_overall = _score(_("C3 overall"))
    comment = models.TextField(_("comment"), blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")
        indexes = (models.Index(fields=("at",), name="survey_answer_at"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(c1_speed__range=(1, 5), c2_result__range=(1, 5), c3_overall__range=(1, 5)),
                name="survey_scores_one_to_five",
            ),
        )

    def __str__(self) -> str:
        return f"{self.c1_speed}/{self.c2_result}/{self.c3_overall}"

    @property
    def scores(self) -> Scores:
        return (self.c1_speed, self.c2_result, self.c3_overall)

    @property
    def mean_score(self) -> float:
        return mean_score(self.scores)

    @property
    def is_satisfied(self) -> bool:
        """One of the two best overall answers."""
        return self.c3_overall in BEST_TWO

    @property
    def is_confirmed(self) -> bool:
        """Solved and satisfied: only both together close the loop (mission 72)."""
        return self.solved and self.is_satisfied
