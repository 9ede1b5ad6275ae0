"""What we promise (targets), which laws we are under, and each running or ended deadline (clocks)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from careloop.sla.deadlines import WARN_SHARE, Target

FACT_NAMES = (
    "nature", "severity", "source", "phase", "handling_class", "emotion", "intent", "crisis",
    "channel", "channel_kind", "value_tier", "kind", "language",
)  # fmt: skip


class ResponseTarget(models.Model):
    """One row of the response-time table: for whom it holds, how long, and how to act (mission 60)."""

    class Promise(models.TextChoices):
        RESPONSE = "response", _("Answer")
        RESOLUTION = "resolution", _("Solution")

    class Starts(models.TextChoices):
        RECEIVED = "received", _("When the message arrives")
        CHECKED = "checked", _("When the facts have been looked up")

    id = models.BigAutoField(primary_key=True)
    code = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    principle = models.CharField(_("principle"), max_length=200, blank=True)
    principle_zh = models.CharField(_("principle in Chinese"), max_length=200, blank=True)
    key_action = models.CharField(_("key action"), max_length=300, blank=True)
    key_action_zh = models.CharField(_("key action in Chinese"), max_length=300, blank=True)
    promise = models.CharField(_("promise"), max_length=12, choices=Promise.choices)
    starts = models.CharField(
        pgettext_lazy("clock", "starts"), max_length=12, choices=Starts.choices, default=Starts.RECEIVED
    )
    when = models.JSONField(
        _("holds when"),
        default=list,
        blank=True,
        help_text=_(
            'A list of conditions, one of which must hold: [{"channel_kind": ["public_comment"]}]. '
            "An empty list is the row for everything that no other row covers."
        ),
    )
    seconds = models.PositiveIntegerField(_("seconds"))
    business = models.BooleanField(_("counts working time only"), default=True)
    after_opening_seconds = models.PositiveIntegerField(
        _("off hours: seconds after the next opening"), null=True, blank=True
    )
    warn_share = models.FloatField(_("warn after this share"), default=WARN_SHARE)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("response target")
        verbose_name_plural = _("response targets")
        ordering = ("promise", "position", "code")

    def __str__(self) -> str:
        return str(self.in_language("name"))

    def in_language(self, field: str) -> str:
        """The field in the reader's language; English where no Chinese was written."""
        chinese = (get_language() or "").startswith("zh") and getattr(self, f"{field}_zh")
        return str(chinese or getattr(self, field))

    def as_target(self) -> Target:
        return Target(
            row=self.code,
            seconds=self.seconds,
            business=self.business,
            after_opening_seconds=self.after_opening_seconds,
            warn_share=self.warn_share,
        )

    def clean(self) -> None:
        try:
            self.as_target()
        except (ValueError, TypeError) as error:
            raise ValidationError(
                _("Times must be longer than zero, and the warning share above 0 and at most 1.")
            ) from error
        if not _is_readable(self.when):
            raise ValidationError({"when": _("Write a list of conditions; each names known facts and their values.")})


class TeamCalendar(models.Model):
    """The working hours of a team; teams without a row use the default calendar."""

    id = models.BigAutoField(primary_key=True)
    team = models.OneToOneField("accounts.Team", on_delete=models.CASCADE, related_name="hours", verbose_name=_("team"))
    calendar = models.ForeignKey(
        "business_hours.Calendar", on_delete=models.CASCADE, related_name="teams", verbose_name=_("calendar")
    )

    class Meta:
        verbose_name = _("working hours of a team")
        verbose_name_plural = _("working hours of teams")

    def __str__(self) -> str:
        return f"{self.team}: {self.calendar}"


class RegimeInUse(models.Model):
    """A law that was switched on, for which work and on whose holidays its business days are counted.

    A complaint starts its clocks when inbox, team and nature fit; what is left empty fits everything. Switching it
    off deletes the row: what runs already stays owed.
    """

    id = models.BigAutoField(primary_key=True)
    regime = models.CharField(_("law"), max_length=40)
    inbox = models.ForeignKey(
        "conversations.Inbox", null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        verbose_name=_("inbox"),
    )  # fmt: skip
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("team")
    )
    nature = models.CharField(_("nature"), max_length=32, blank=True)
    calendar = models.ForeignKey(
        "business_hours.Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("holidays of"),
    )  # fmt: skip
    since = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("law in use")
        verbose_name_plural = _("laws in use")
        ordering = ("regime", "id")
        constraints = (
            models.UniqueConstraint(
                "regime", Coalesce("inbox", 0), Coalesce("team", 0), "nature", name="law_in_use_once"
            ),
        )

    def __str__(self) -> str:
        return self.regime


class ClockQuerySet(models.QuerySet["Clock"]):
    def open(self) -> ClockQuerySet:
        """Still owed, in time or late."""
        return self.filter(stopped_at=None)

    def by_law(self) -> ClockQuerySet:
        return self.filter(kind__in=Clock.BY_LAW)

    def by_promise(self) -> ClockQuerySet:
        """Those of our own table."""
        return self.exclude(kind__in=Clock.BY_LAW)

    def responses(self) -> ClockQuerySet:
        return self.filter(kind__in=Clock.RESPONSES)

    def to_warn(self, now: datetime) -> ClockQuerySet:
        return self.filter(state=Clock.State.RUNNING, warned_at=None, warn_at__lte=now, due_at__gt=now)

    def overdue(self, now: datetime) -> ClockQuerySet:
        return self.filter(state=Clock.State.RUNNING, due_at__lte=now)


class Clock(models.Model):
    """A deadline of ours, or one that a law sets. A late clock stays open, in state ``breached``, until it is stopped.

    ``policy_row``, ``facts`` and ``schedule`` say by which row (of our table, or which law), on which findings and
    with which edition of the calendar the due time was set: attainment is judged by the priority that held then.
    A clock of kind ``context`` is nobody's debt: the authority's own time, or the time a customer has.
    """

    class Kind(models.TextChoices):
        FIRST_RESPONSE = "first_response", _("First response")
        NEXT_RESPONSE = "next_response", _("Next response")
        RESOLUTION = "resolution", _("Solution")
        ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement by law")
        INTERIM = "interim", _("Notice of delay by law")
        FINAL = "final_reply", _("Final reply by law")
        CONTEXT = "context", _("For information")

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        MET = "met", _("Met")
        BREACHED = "breached", _("Late")
        CANCELLED = "cancelled", _("Cancelled")
        PASSED = "passed", _("Over")

    RESPONSES: ClassVar = (Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE)
    OWED_BY_LAW: ClassVar = (Kind.ACKNOWLEDGEMENT, Kind.INTERIM, Kind.FINAL)
    BY_LAW: ClassVar = (*OWED_BY_LAW, Kind.CONTEXT)

    class MovedBecause(models.TextChoices):
        HOURS = "hours", _("the working hours changed")
        TARGET = "target", _("the target changed")
        CUSTOMER = "customer", _("the customer's standing changed")

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="clocks", db_index=False
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    target_seconds = models.PositiveIntegerField()
    business = models.BooleanField()
    policy_row = models.CharField(max_length=50)
    schedule = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)
    # The last time an administrator's change moved it; news about the conversation is in the events.
    moved_because = models.CharField(max_length=8, choices=MovedBecause.choices, blank=True)
    moved_at = models.DateTimeField(null=True)

    objects: ClassVar[ClockQuerySet] = ClockQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        indexes = (
            models.Index(fields=("conversation", "due_at"), name="clock_conversation_due"),
            # The recurring task reads only the rows whose moment has come, through these two.
            models.Index(fields=("warn_at",), name="clock_to_warn", condition=Q(state="running", warned_at=None)),
            models.Index(fields=("due_at",), name="clock_overdue", condition=Q(state="running")),
            models.Index(fields=("stopped_at", "kind"), name="clock_stopped_kind"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "kind"),
                condition=Q(stopped_at=None, kind__in=("first_response", "next_response", "resolution")),
                name="one_open_clock_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=("conversation", "kind", "policy_row"),
                condition=Q(stopped_at=None, kind__in=("acknowledgement", "interim", "final_reply", "context")),
                name="one_open_clock_of_a_law",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=models.F("started_at")), name="clock_is_due_after_start"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.kind} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.stopped_at is None

    @property
    def is_by_law(self) -> bool:
        return self.kind in self.BY_LAW

    @property
    def is_pressing(self) -> bool:
        """Open, ours to keep, and the time runs: what due times and priority go by."""
        return self.is_open and self.kind != self.Kind.CONTEXT and self.state != self.State.PAUSED

    def is_late(self, now: datetime) -> bool:
        return self.state == self.State.BREACHED or (self.state == self.State.RUNNING and now > self.due_at)


class ClockExtension(models.Model):
    """The law grants more time, and somebody took it: which of its conditions, why, and from when to when."""

    id = models.BigAutoField(primary_key=True)
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="extensions")
    key = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    from_due = models.DateTimeField()
    to_due = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("extension of a clock")
        verbose_name_plural = _("extensions of clocks")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.clock_id} {self.key}"


class ClockPause(models.Model):
    """Time that does not count, where the law says so; open while ``ended_at`` is empty."""

    id = models.BigAutoField(primary_key=True)
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("pause of a clock")
        verbose_name_plural = _("pauses of clocks")
        ordering = ("began_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("clock",), condition=Q(ended_at=None), name="one_open_pause_of_a_clock"),
        )

    def __str__(self) -> str:
        return f"{self.clock_id} {self.began_at:%Y-%m-%d}"


def _is_readable(when: Any) -> bool:
    return isinstance(when, list) and all(
        isinstance(condition, dict)
        and condition
        and all(fact in FACT_NAMES and isinstance(values, list) and values for fact, values in condition.items())
        for condition in when
    )
