"""Who is at the desk, and who was meant to be: the hours behind E = N/T (mission 21)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Presence(models.Model):
    """One stretch of one state. The open row (``until`` empty) says how it is now."""

    class State(models.TextChoices):
        ONLINE = "online", _("Online")
        AWAY = "away", _("Away")
        OFFLINE = "offline", _("Offline")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presences")
    state = models.CharField(max_length=8, choices=State.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("user", "since"), name="presence_user_since"),)
        constraints = (
            models.UniqueConstraint(fields=("user",), condition=models.Q(until__isnull=True), name="one_open_presence"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="presence_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.state} {self.since:%Y-%m-%d %H:%M}"


class Shift(models.Model):
    """Hours a person was rostered for."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        indexes = (models.Index(fields=("starts_at", "user"), name="shift_starts_user"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_after_it_starts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}"
