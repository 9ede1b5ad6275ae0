"""What we believe a message is, and what people said it really is."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

OF_THE_SECOND_LEVEL = "triage_prediction.head = 'nature_detail'"
SAID_BY_PEOPLE = "triage_prediction.source IN ('human', 'import')"


class PredictionQuerySet(models.QuerySet["Prediction"]):
    def current(self) -> PredictionQuerySet:
        """What holds now; older rows stay as history."""
        return self.filter(is_current=True)

    def unsure(self) -> PredictionQuerySet:
        """Where triage abstains and asks a person: less sure than the head's threshold when it was judged."""
        return self.filter(is_unsure=True)

    def of_the_second_level(self) -> PredictionQuerySet:
        """Leaves of the taxonomy; written out for the index, as below."""
        return self.filter(RawSQL(OF_THE_SECOND_LEVEL, (), models.BooleanField()))  # noqa: S611 - our own words

    def said_by_people(self) -> PredictionQuerySet:
        """Labels to learn from: set by a person, or brought along by an import.

        Written out, because SQLite uses an index with a condition only for a query that says the same words.
        """
        return self.filter(RawSQL(SAID_BY_PEOPLE, (), models.BooleanField()))  # noqa: S611 - our own words


class Prediction(models.Model):
    """One head's answer for one conversation: the label, how sure, why, and who or what said so.

    A head with several labels at once (crisis) has one row a label.
    """

    class Source(models.TextChoices):
        RULES = "rules", _("Rules")
        LINEAR = "linear", _("Learned model")
        HYBRID = "hybrid", _("Learned model with a sentence encoder")
        SERVICE = "service", _("Language model")
        HUMAN = "human", _("A person")
        IMPORTED = "import", _("Imported")

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="predictions", db_index=False
    )
    message = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    head = models.CharField(max_length=24)
    label = models.CharField(max_length=64)
    confidence = models.FloatField()
    reasons = models.JSONField(default=list)
    source = models.CharField(max_length=8, choices=Source.choices)
    model_version = models.CharField(max_length=64)
    at = models.DateTimeField()
    is_current = models.BooleanField(default=True)
    is_unsure = models.BooleanField(_("unsure"), default=False)

    objects: ClassVar[PredictionQuerySet] = PredictionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        indexes = (
            models.Index(
                fields=("conversation", "head"), name="prediction_current", condition=models.Q(is_current=True)
            ),
            models.Index(
                fields=("-id",), name="prediction_unsure", condition=models.Q(is_current=True, is_unsure=True)
            ),
            models.Index(
                fields=("head", "at"), name="prediction_labels",
                condition=models.Q(is_current=True, source__in=("human", "import")),
            ),
            models.Index(
                fields=("label", "id"), name="prediction_leaf",
                condition=models.Q(is_current=True, head="nature_detail"),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.head}={self.label}"


class Correction(models.Model):
    """A person's word against a prediction: the label that training learns from."""

    id = models.BigAutoField(primary_key=True)
    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="corrections")
    label = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"{self.prediction_id} → {self.label}"
