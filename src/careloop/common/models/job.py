"""Background work as rows: a job to be done, and when each recurring job is due next."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class JobState(models.TextChoices):
    READY = "ready", pgettext_lazy("state of a job", "Waiting")
    RUNNING = "running", pgettext_lazy("state of a job", "Running")
    DONE = "done", pgettext_lazy("state of a job", "Done")
    DEAD = "dead", pgettext_lazy("state of a job", "Given up")
    CANCELLED = "cancelled", pgettext_lazy("state of a job", "Discarded")


class JobQuerySet(models.QuerySet["Job"]):
    def due(self, now: datetime) -> "JobQuerySet":
        """Waiting, and its time has come."""
        return self.filter(state=JobState.READY, run_after__lte=now)

    def late(self, now: datetime) -> "JobQuerySet":
        """Due for longer than a healthy worker leaves a job waiting."""
        return self.due(now - Job.LATE_AFTER)

    def dead(self) -> "JobQuerySet":
        """Given up after its last attempt: someone has to look."""
        return self.filter(state=JobState.DEAD)

    def finished_before(self, moment: datetime) -> "JobQuerySet":
        """Done or discarded for long enough to be forgotten."""
        return self.filter(state__in=(JobState.DONE, JobState.CANCELLED), finished_at__lt=moment)


class Job(models.Model):
    """One task to be run at least once. The lease says until when its worker is believed to be alive."""

    LATE_AFTER: ClassVar[timedelta] = timedelta(minutes=1)

    task = models.CharField(_("task"), max_length=200, help_text=_("The dotted path of the function."))
    arguments = models.JSONField(_("arguments"), default=dict)
    queue = models.CharField(_("queue"), max_length=40, default="default")
    priority = models.SmallIntegerField(_("priority"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.READY)
    dedupe_key = models.CharField(_("only once while waiting"), max_length=200, null=True, blank=True)
    enqueued_at = models.DateTimeField(_("enqueued at"), default=timezone.now)
    run_after = models.DateTimeField(_("not before"), default=timezone.now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("attempts allowed"), default=5)
    worker = models.CharField(_("worker"), max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    error_class = models.CharField(_("kind of error"), max_length=200, blank=True, default="")
    error = models.TextField(_("last error"), blank=True, default="")
    result = models.JSONField(_("result"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("dedupe_key",),
                condition=models.Q(state=JobState.READY, dedupe_key__isnull=False),
                name="one_waiting_job_per_key",
            ),
        )
        indexes = (
            models.Index(
                models.F("priority").desc(),
                "run_after",
                "id",
                condition=models.Q(state=JobState.READY),
                name="job_next",
            ),
            models.Index("run_after", condition=models.Q(state=JobState.READY), name="job_due"),
            models.Index("lease_until", condition=models.Q(state=JobState.RUNNING), name="job_lease"),
            models.Index("state", "finished_at", name="job_finished"),
        )

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"

    @property
    def positional(self) -> list[Any]:
        """The positional arguments of the task."""
        return list(self.arguments.get("args", []))

    @property
    def named(self) -> dict[str, Any]:
        """The named arguments of the task."""
        return dict(self.arguments.get("kwargs", {}))


class RecurringRun(models.Model):
    """When one entry of the schedule is due next; claimed by a conditional update, so it runs once."""

    name = models.CharField(pgettext_lazy("of a recurring job", "name"), max_length=80, unique=True)
    due_at = models.DateTimeField(_("due at"))
    last_run_at = models.DateTimeField(_("last enqueued at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recurring job")
        verbose_name_plural = _("recurring jobs")
        ordering = ("due_at",)

    def __str__(self) -> str:
        return self.name
