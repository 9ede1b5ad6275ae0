"""The life of a learned model: each version, how it stands and stood, what it was compared with, who had it trained."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.triage.naming import Name, reason_of_standing


class Origin(models.TextChoices):
    NIGHT = "night", _("nightly")
    DESK = "desk", _("asked for at the desk")
    COMMAND = "command", _("asked for at the command line")
    IMPORT = "import", _("imported")


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def champions(self) -> ModelVersionQuerySet:
        """What answers now, at most one a head."""
        return self.filter(standings__state=ModelStanding.State.CHAMPION, standings__until=None)

    def challengers(self) -> ModelVersionQuerySet:
        """Those that wait for somebody to decide."""
        return self.filter(standings__state=ModelStanding.State.CHALLENGER, standings__until=None)

    def with_standing(self) -> ModelVersionQuerySet:
        """As lists show them: how each stands, who trained it, and what it was compared with."""
        return self.select_related("trained_by").prefetch_related("standings__by", "comparisons")


class ModelVersion(models.Model):
    """One learned model of one head. The file lies in the models' folder under its version, signed."""

    id = models.BigAutoField(primary_key=True)
    head = models.CharField(max_length=24)
    version = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    rows_by_people = models.PositiveIntegerField(default=0)
    classes = models.JSONField(default=dict)
    candidate = models.TextField(blank=True)
    scores = models.JSONField(default=dict)
    code_version = models.CharField(max_length=32)
    size_bytes = models.PositiveIntegerField(default=0)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    trained_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    trained_at = models.DateTimeField()
    # The moment of the last label it learned from; nothing later was seen. Unknown for an imported one.
    trained_until = models.DateTimeField(null=True)

    objects: ClassVar[ModelVersionQuerySet] = ModelVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        indexes = (models.Index(fields=("head", "-id"), name="model_version_head"),)

    def __str__(self) -> str:
        return self.version

    @property
    def standing(self) -> ModelStanding | None:
        """How it stands now; from what was preloaded where it was."""
        return next((row for row in self.standings.all() if row.until is None), None)

    @property
    def history(self) -> list[ModelStanding]:
        """Every standing, latest first; from what was preloaded where it was."""
        return list(self.standings.all())[::-1]

    @property
    def comparison(self) -> ModelComparison | None:
        """What it was measured against when it was trained."""
        return next(iter(self.comparisons.all()), None)


class ModelStanding(models.Model):
    """How a version stood from one moment to the next, who decided it, and why. The open one holds now."""

    class State(models.TextChoices):
        CHALLENGER = "challenger", _("Challenger")
        CHAMPION = "champion", _("Champion")
        RETIRED = "retired", _("Retired")
        REFUSED = "refused", _("Refused")

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="standings")
    head = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=State.choices)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # A word of `careloop.triage.naming.REASONS`: why it came to stand so.
    why = models.CharField(max_length=16)
    # Of a champion: which version it took the place of, so that it can be rolled back; none means the rules.
    replaced = models.ForeignKey(ModelVersion, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("standing of a model")
        verbose_name_plural = _("standings of models")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("version",), condition=models.Q(until=None), name="one_standing_a_version"),
            models.UniqueConstraint(
                fields=("head",), condition=models.Q(until=None, state="champion"), name="one_champion_a_head"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version_id} {self.state}"

    @property
    def reason(self) -> Name:
        """Why it came to stand so, in the reader's language."""
        return reason_of_standing(self.why)


class ModelComparison(models.Model):
    """A challenger and what answered then, judged on the same held-out weeks. `report` has the shape of `compare`."""

    id = models.BigAutoField(primary_key=True)
    challenger = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="comparisons")
    champion = models.ForeignKey(ModelVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    n = models.PositiveIntegerField()
    verdict = models.CharField(max_length=16)
    report: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("comparison of models")
        verbose_name_plural = _("comparisons of models")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.challenger_id}: {self.verdict}"

    @property
    def accuracy(self) -> str:
        """Of the challenger, as 87.3 %."""
        return f"{self.report['challenger']['accuracy'] * 100:.1f} %"


LOST_AFTER = timedelta(minutes=2)
"""Whoever carries a training out says every few seconds that it goes on."""


class TrainingRun(models.Model):
    """One order to train a head: by whom, when it began and ended, and what came of it."""

    class Outcome(models.TextChoices):
        TRAINED = "trained", _("A version was made.")
        UNUSABLE = "unusable", _("The labels cannot teach anything yet.")
        STOPPED = "stopped", _("It was stopped.")
        FAILED = "failed", _("It failed; the model in use stays.")
        LOST = "lost", _("It was broken off; the model in use stays.")

    id = models.BigAutoField(primary_key=True)
    head = models.CharField(max_length=24)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # last time that whoever carries it out said so
    stop_asked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    sentence = models.TextField(blank=True)
    version = models.ForeignKey(ModelVersion, null=True, on_delete=models.SET_NULL, related_name="runs")

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        indexes = (models.Index(fields=("head", "-id"), name="training_run_head"),)
        constraints = (
            models.UniqueConstraint(fields=("head",), condition=models.Q(finished_at=None), name="one_run_a_head"),
        )

    def __str__(self) -> str:
        return f"{self.head} {self.outcome or '…'}"

    def is_lost(self, at: datetime) -> bool:
        """Begun, not ended, and nobody carries it out any more: the process was killed, or the machine went off."""
        last_sign = self.seen_at or self.started_at
        return self.finished_at is None and last_sign is not None and last_sign < at - LOST_AFTER

    @property
    def is_broken_off(self) -> bool:
        """For pages: lost as of now."""
        return self.is_lost(timezone.now())
