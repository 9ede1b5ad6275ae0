"""The queue: what waits, how urgent it is and why, and what an administrator sets to steer it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from careloop.routing.priority import STATUTORY, Weights

UNKNOWN = "unknown"

SEVERITIES = {"minor": 0.2, "moderate": 0.6, "severe": 1.0, UNKNOWN: 0.4}
HANDLING_HOURS = {"A": 0.15, "B": 0.3, "C": 0.75, "D": 1.5, UNKNOWN: 0.5}
LEAST_VALUE_OF_VIP = 0.95
"""VIP is about the top 5 % by spend (mission 137), whatever the value job has counted so far."""


def severities() -> dict[str, float]:
    return dict(SEVERITIES)


def handling_hours() -> dict[str, float]:
    return dict(HANDLING_HOURS)


class PriorityWeights(models.Model):
    """How priority is scored: one row. Changed only by ``services.weighing.change_weights``."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    severity = models.FloatField(_("weight of severity"), default=0.6)
    value = models.FloatField(_("weight of customer value"), default=0.25)
    source = models.FloatField(_("weight of the source"), default=0.15)
    late_factor = models.FloatField(_("factor when reopened or late"), default=1.25)
    gamma = models.FloatField(
        _("how steeply waiting counts"), default=1.0, help_text=_("1: evenly. Above 1: long waits count more.")
    )
    severities = models.JSONField(_("points of each severity, 0 to 1"), default=severities)
    handling_hours = models.JSONField(_("expected hours of work by class"), default=handling_hours)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("priority weights")
        verbose_name_plural = _("priority weights")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_row_of_weights"),)

    def __str__(self) -> str:
        return str(_("How priority is scored"))

    def as_weights(self) -> Weights:
        return Weights(self.severity, self.value, self.source, self.late_factor, self.gamma)

    def clean(self) -> None:
        try:
            self.as_weights()
        except (ValueError, TypeError) as error:
            raise ValidationError(
                _(
                    "Weights are not negative and severity always counts; the factor lies between 1 and 4, "
                    "the steepness between 0.25 and 4."
                )
            ) from error
        _refuse_unless(self.severities, SEVERITIES, 0, 1, field="severities")
        _refuse_unless(self.handling_hours, HANDLING_HOURS, 0.1, 100, field="handling_hours")


class SourceImportance(models.Model):
    """How much a source counts, 0 to 1: an inbox, a channel, a kind of contact, or who the customer is."""

    class Fact(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        CHANNEL = "channel", _("Channel")
        CHANNEL_KIND = "channel_kind", _("Kind of contact")
        SOURCE = "source", _("Source as triage read it")

    ORDINARY: ClassVar = 0.5

    id = models.BigAutoField(primary_key=True)
    fact = models.CharField(_("what"), max_length=16, choices=Fact.choices)
    value = models.CharField(_("which"), max_length=64, help_text=_("For an inbox its short name."))
    name = models.CharField(_("name"), max_length=120, blank=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    importance = models.FloatField(
        _("importance, 0 to 1"), default=ORDINARY, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )

    class Meta:
        verbose_name = _("importance of a source")
        verbose_name_plural = _("importance of sources")
        ordering = ("fact", "-importance", "value")
        constraints = (models.UniqueConstraint(fields=("fact", "value"), name="source_once"),)

    def __str__(self) -> str:
        if (get_language() or "").startswith("zh") and self.name_zh:
            return self.name_zh
        return self.name or self.value


class NatureTeam(models.Model):
    """The team that takes conversations of one nature, whatever inbox they came through."""

    id = models.BigAutoField(primary_key=True)
    nature = models.CharField(_("nature"), max_length=32, unique=True)
    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="natures", verbose_name=_("team"))

    class Meta:
        verbose_name = _("team for a nature")
        verbose_name_plural = _("teams by nature")

    def __str__(self) -> str:
        return f"{self.nature} → {self.team}"


class QueueEntryQuerySet(models.QuerySet["QueueEntry"]):
    def waiting(self) -> QueueEntryQuerySet:
        """Somebody waits for us, whether a person holds it or not."""
        return self.filter(state__in=(QueueEntry.State.QUEUED, QueueEntry.State.CLAIMED))

    def queued(self) -> QueueEntryQuerySet:
        """Waiting and nobody's: free to be taken."""
        return self.filter(state=QueueEntry.State.QUEUED)

    def for_list(self) -> QueueEntryQuerySet:
        """Everything a row of the queue shows, in this one query."""
        return self.select_related("conversation__customer", "conversation__assignee", "team")


class QueueEntry(models.Model):
    """One conversation's place in the queue. Class and tier do not change as time passes, so nothing sweeps it.

    ``parts`` keeps what the score was made of, so that a person can follow it and it can be made again with
    other weights without asking anybody.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting for somebody")
        CLAIMED = "claimed", _("In somebody's hands")
        IDLE = "idle", _("Nothing to do")

    id = models.BigAutoField(primary_key=True)
    conversation = models.OneToOneField(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="queue_entry"
    )
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tier = models.PositiveSmallIntegerField(default=2)
    klass = models.PositiveSmallIntegerField(default=0)
    waiting_since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    claimed_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=8, blank=True)
    skill = models.CharField(max_length=32, blank=True)
    is_flagged = models.BooleanField(default=False)
    is_reopened = models.BooleanField(default=False)
    held_because = models.CharField(max_length=40, blank=True)
    parts = models.JSONField(default=dict)
    weights_version = models.PositiveIntegerField(default=0)

    objects: ClassVar[QueueEntryQuerySet] = QueueEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("queue entry")
        verbose_name_plural = _("queue entries")
        indexes = (
            # The heads of the classes: one seek each.
            models.Index(fields=("team", "state", "tier", "klass", "waiting_since", "id"), name="queue_heads"),
            # The statutory tier goes by its due times, whatever the class.
            models.Index(
                fields=("team", "state", "due_at", "waiting_since", "id"), name="queue_statutory",
                condition=Q(tier=STATUTORY),
            ),
            models.Index(fields=("claimed_by", "state", "tier", "klass", "waiting_since"), name="queue_mine"),
            # Whose turn it is: the last time each person was given something.
            models.Index(fields=("claimed_by", "claimed_at"), name="queue_turns"),
        )  # fmt: skip
        constraints = (
            models.CheckConstraint(condition=Q(tier__lte=2, klass__lte=63), name="tier_and_class_in_range"),
            models.CheckConstraint(condition=~Q(tier=STATUTORY, due_at=None), name="statutory_work_is_due"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.tier}/{self.klass} {self.state}"


def _refuse_unless(given: Any, known: dict[str, float], low: float, high: float, *, field: str) -> None:
    is_right = (
        isinstance(given, dict)
        and set(given) == set(known)
        and all(isinstance(number, int | float) and low <= number <= high for number in given.values())
    )
    if not is_right:
        raise ValidationError(
            {field: _("Give each of %(keys)s a number from %(low)s to %(high)s.")
             % {"keys": ", ".join(known), "low": low, "high": high}}
        )  # fmt: skip
