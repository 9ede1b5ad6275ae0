"""Facts as they happened, and the reports made from them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Interval(models.Model):
    """One measured stretch: from when to when, in calendar and in working time, and whose it was.

    Written in the transaction of the change that ended it, so that no figure needs reconstruction.
    """

    class Kind(models.TextChoices):
        FIRST_RESPONSE = "first_response", _("First response")
        RESPONSE = "response", _("Response")
        RESOLUTION = "resolution", _("Resolution")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="intervals")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    business_seconds = models.PositiveIntegerField()
    # The edition of the calendar that working time was measured with.
    schedule = models.CharField(max_length=80)

    class Meta:
        indexes = (models.Index(fields=("kind", "ended_at"), name="interval_kind_ended"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.seconds} s"


class WeeklyReport(models.Model):
    """One week as it was told: the numbers of that moment, and the words people put to them."""

    id = models.BigAutoField(primary_key=True)
    week = models.CharField(_("week"), max_length=8, unique=True)
    facts = models.JSONField(default=dict)
    # {"en": {"suggestions": "…", "case": "…", "focus": "…"}, "zh": {…}}
    words = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")

    def __str__(self) -> str:
        return self.week

    @property
    def is_published(self) -> bool:
        return self.published_at is not None
