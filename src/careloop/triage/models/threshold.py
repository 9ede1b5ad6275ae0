"""Below what confidence triage asks a person, head by head."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class HeadThreshold(models.Model):
    """An administrator's own threshold of one head; a head without a row has the one that ships."""

    head = models.CharField(primary_key=True, max_length=24)
    unsure_below = models.FloatField(_("unsure below"), validators=[MinValueValidator(0.0), MaxValueValidator(1.0)])
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("threshold of a head")
        verbose_name_plural = _("thresholds of heads")

    def __str__(self) -> str:
        return f"{self.head} < {self.unsure_below}"
