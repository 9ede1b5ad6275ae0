"""What the language-model service was asked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceDay(models.Model):
    """How many requests went out on a day, and how many brought nothing: the budget counts here."""

    day = models.DateField(primary_key=True)
    requests = models.PositiveIntegerField(_("requests"))
    unanswered = models.PositiveIntegerField(_("without an answer"))

    class Meta:
        verbose_name = _("day of the language model")
        verbose_name_plural = _("days of the language model")

    def __str__(self) -> str:
        return f"{self.day}: {self.requests}"
