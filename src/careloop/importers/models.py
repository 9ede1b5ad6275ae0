"""How far an import got, so that it can go on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One file into one inbox. The same bytes into the same inbox are the same run."""

    id = models.BigAutoField(primary_key=True)
    fingerprint = models.CharField(max_length=64)
    inbox = models.ForeignKey("conversations.Inbox", on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(_("file"), max_length=255)
    # Items read to the end of the last committed batch: where --resume goes on.
    position = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = (models.UniqueConstraint(fields=("fingerprint", "inbox"), name="import_once"),)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.position})"
