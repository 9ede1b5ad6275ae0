"""A replay of recorded months under other weights, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from careloop.accounts.models import User


class SimulationQuerySet(models.QuerySet["Simulation"]):
    def visible_to(self, user: User) -> SimulationQuerySet:
        """One's own: it counts what its asker may see. Administrators see all."""
        if user.is_administrator:
            return self
        return self.filter(asked_by=user)

    def unfinished(self) -> SimulationQuerySet:
        return self.filter(state__in=(Simulation.State.QUEUED, Simulation.State.RUNNING))


class Simulation(models.Model):
    """``result`` is `comparing.Comparison` as JSON; ``current`` are the weights that were in force."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waits for its turn")
        RUNNING = "running", _("Is being computed")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    class Reason(models.TextChoices):
        BROKE = "broke", _("The computation broke off. Try once more; the log of the server says why.")
        TOO_MUCH = "too_much", _("There are more than 200,000 first answers in that time. Choose fewer months.")

    id = models.BigAutoField(primary_key=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField()
    until = models.DateTimeField()
    current = models.JSONField()
    proposed = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    done = models.FloatField(default=0.0)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)

    objects: ClassVar[SimulationQuerySet] = SimulationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("simulation of priority")
        verbose_name_plural = _("simulations of priority")
        indexes = (models.Index(fields=("asked_by", "-id"), name="simulation_asked_by"),)

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} – {self.until:%Y-%m-%d} {self.state}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def months(self) -> int:
        return round((self.until - self.since).days / 30)
