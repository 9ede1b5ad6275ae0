"""What happened, one row for each change."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class Event(models.Model):
    """One change: what, when, who, to which conversation. Rows are only ever added.

    ``conversation_id`` is a plain number, not a foreign key: this floor knows no conversations,
    and the history of one must outlive it.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    conversation_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=64, blank=True)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    # The subject itself while the event is told; never stored.
    about: Any = None

    class Meta:
        indexes = (
            models.Index(fields=("conversation_id", "id"), name="event_conversation"),
            models.Index(fields=("name", "at"), name="event_name_at"),
        )

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"
