"""What conversations are called: labels of two levels, in both languages, and every change of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class TaxonomyLabelQuerySet(models.QuerySet["TaxonomyLabel"]):
    def in_use(self) -> TaxonomyLabelQuerySet:
        """Those that may be chosen: neither retired nor merged into another."""
        return self.filter(retired_at=None)

    def in_order(self) -> TaxonomyLabelQuerySet:
        return self.order_by("position", "key")


class TaxonomyLabel(models.Model):
    """A nature (no parent) or a leaf under one. Changed only by ``services.taxonomy``.

    The key never changes and is never used twice: predictions hold it for ever. A merged label keeps its row and
    resolves to the one it was merged into.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.SlugField(_("key"), max_length=64, unique=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="leaves")
    sector = models.CharField(_("sector"), max_length=24, blank=True)
    name = models.CharField(_("name in English"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80)
    description = models.CharField(_("description in English"), max_length=300, blank=True)
    description_zh = models.CharField(_("description in Chinese"), max_length=300, blank=True)
    examples: models.JSONField[dict[str, list[str]]] = models.JSONField(default=dict)
    terms: models.JSONField[dict[str, list[list[Any]]]] = models.JSONField(default=dict)  # language → [term, weight]
    position = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    is_own = models.BooleanField(default=False)  # added or changed here; what ships leaves it alone

    objects: ClassVar[TaxonomyLabelQuerySet] = TaxonomyLabelQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = (
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(retired_at__isnull=False), name="merged_label_is_retired"
            ),
        )

    def __str__(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name

    @property
    def told(self) -> str:
        """The description in the reader's language."""
        return self.description_zh if (get_language() or "").startswith("zh") else self.description


class TaxonomyPack(models.Model):
    """A sector whose labels are loaded, and in which version."""

    sector = models.CharField(primary_key=True, max_length=24)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("sector pack")
        verbose_name_plural = _("sector packs")

    def __str__(self) -> str:
        return f"{self.sector} {self.version}"


HELD_UP_AFTER = timedelta(minutes=2)


class TaxonomyChange(models.Model):
    """One change of the taxonomy: enough to tell it, and for merges and splits to undo or continue it."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        RENAMED = "renamed", _("renamed")
        MOVED = "moved", _("moved")
        RETIRED = "retired", _("retired")
        RESTORED = "restored", _("taken back into use")
        MERGED = "merged", _("merged")
        UNMERGED = "unmerged", _("merge undone")
        SPLIT = "split", _("split")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    label = models.ForeignKey(TaxonomyLabel, on_delete=models.CASCADE, related_name="changes")
    data: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of the taxonomy")
        verbose_name_plural = _("changes of the taxonomy")

    def __str__(self) -> str:
        return f"{self.kind} {self.label_id}"

    @property
    def is_unfinished_split(self) -> bool:
        return self.kind == self.Kind.SPLIT and not self.data.get("is_done")

    @property
    def is_held_up(self) -> bool:
        """A split that has more to carry over and has not moved for minutes."""
        last = datetime.fromisoformat(self.data["at"]) if "at" in self.data else self.at
        return self.is_unfinished_split and last < timezone.now() - HELD_UP_AFTER
