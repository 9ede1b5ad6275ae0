"""Working hours as people edit them, and each edition as clocks have used it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from careloop.business_hours.arithmetic import BadHours, read_day, read_week, read_zone

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


SENTENCES = {
    "zone": _("There is no time zone named “%(text)s”."),
    "week": _("A week has seven days, Monday first; here are %(text)s."),
    "format": _("“%(text)s” cannot be read. Write hours as 09:00-12:00."),
    "time": _("There is no such time of day: “%(text)s”."),
    "order": _("%(text)s closes before it opens."),
    "overlap": _("These hours overlap: %(text)s."),
}


@contextmanager
def refusing(field: str) -> Iterator[None]:
    """Turn hours that cannot be read into an error beside the field, in the reader's language."""
    try:
        yield
    except BadHours as error:
        raise ValidationError({field: SENTENCES[error.code] % {"text": error.text}}) from error
    except TypeError as error:
        raise ValidationError({field: SENTENCES["format"] % {"text": field}}) from error


class Confidence(models.TextChoices):
    """How sure we are of a shipped date."""

    CONFIRMED = "C", _("Confirmed: read in the official notice")
    PARTLY = "P", _("Partly confirmed")
    UNCONFIRMED = "U", _("Unconfirmed")


class Calendar(models.Model):
    """A week of windows in a time zone. Clocks use its current edition, never this row itself."""

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    windows = models.JSONField(
        _("working hours"),
        help_text=_('Seven lists, Monday first, for example [["09:00-12:00", "13:00-18:00"], …, []].'),
    )
    is_default = models.BooleanField(_("used by teams without their own"), default=False)
    # The holiday lists that were loaded once; a day an operator deleted does not come back.
    loaded = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        constraints = (
            models.UniqueConstraint(
                fields=("is_default",), condition=models.Q(is_default=True), name="one_default_calendar"
            ),
        )

    def __str__(self) -> str:
        if (get_language() or "").startswith("zh") and self.name_zh:
            return self.name_zh
        return self.name

    def clean(self) -> None:
        with refusing("zone"):
            read_zone(self.zone)
        with refusing("windows"):
            read_week(self.windows)


class Day(models.Model):
    """A date on which a calendar does not follow its week."""

    id = models.BigAutoField(primary_key=True)
    date = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    confidence = models.CharField(
        _("confidence"), max_length=1, choices=Confidence.choices, default=Confidence.CONFIRMED
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name_zh or self.name}"


class Holiday(Day):
    """A day off, or a day with hours of its own."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    windows = models.JSONField(
        _("hours on this day"),
        default=list,
        blank=True,
        help_text=_('Empty: closed all day. Otherwise for example ["09:00-12:00"].'),
    )

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ("date",)
        constraints = (models.UniqueConstraint(fields=("calendar", "date"), name="holiday_once"),)

    def clean(self) -> None:
        with refusing("windows"):
            read_day(self.windows)


class SwapDay(Day):
    """A weekend day worked in exchange for a longer holiday (调休): it has the hours of another weekday."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="swap_days")
    works_like = models.PositiveSmallIntegerField(_("works like a"), choices=WEEKDAYS, default=0)

    class Meta:
        verbose_name = _("swapped workday")
        verbose_name_plural = _("swapped workdays")
        ordering = ("date",)
        constraints = (
            models.UniqueConstraint(fields=("calendar", "date"), name="swap_day_once"),
            models.CheckConstraint(condition=models.Q(works_like__lte=6), name="swap_day_works_like_a_weekday"),
        )


class EditionQuerySet(models.QuerySet["Edition"]):
    def current_of_default(self) -> EditionQuerySet:
        return self.filter(is_current=True, calendar__is_default=True)


class Edition(models.Model):
    """One published state of a calendar, never changed again: what a due time was worked out with."""

    id = models.BigAutoField(primary_key=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField(_("edition"))
    content = models.JSONField()
    is_current = models.BooleanField(_("in force"), default=True)
    made_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(_("published"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar edition")
        verbose_name_plural = _("calendar editions")
        ordering = ("calendar", "-number")
        constraints = (
            models.UniqueConstraint(fields=("calendar", "number"), name="edition_number_once"),
            models.UniqueConstraint(
                fields=("calendar",), condition=models.Q(is_current=True), name="one_current_edition"
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What a clock keeps: the calendar's slug and the edition, ``care@3``."""
        return f"{self.content['slug']}@{self.number}"
