"""What was answered and corrected, counted by week, so that drift can be seen without reading the answers again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WeekOfAnswers(models.Model):
    """One week of one series: a head's answers by label, or the channels and unknown words of what came in."""

    id = models.BigAutoField(primary_key=True)
    series = models.CharField(max_length=24)
    week = models.DateField()  # its Monday, in the installation's time zone
    counts = models.JSONField(default=dict)
    unsure = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(default=0)
    warned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("week of answers")
        verbose_name_plural = _("weeks of answers")
        constraints = (models.UniqueConstraint(fields=("series", "week"), name="one_row_a_series_and_week"),)

    def __str__(self) -> str:
        return f"{self.series} {self.week}"


class CountedUpTo(models.Model):
    """The last rows that were counted: each is read once, ever. One row, number 1."""

    prediction = models.BigIntegerField(default=0)
    correction = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prediction} {self.correction}"
