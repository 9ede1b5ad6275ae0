"""The raw store: whatever came through a door, kept before anybody tried to understand it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RawMessage(models.Model):
    class State(models.TextChoices):
        KEPT = "kept", _("Kept, not yet read")
        ACCEPTED = "accepted", _("In a conversation")
        AUTOMATIC = "automatic", _("Automatic mail")
        BOUNCE = "bounce", _("Delivery report")
        QUARANTINED = "quarantined", _("Could not be read")
        DISCARDED = "discarded", _("Put aside by a person")

    id = models.BigAutoField(primary_key=True)
    inbox = models.ForeignKey(
        "conversations.Inbox", on_delete=models.PROTECT, related_name="raw_messages", db_index=False
    )
    external_id = models.CharField(max_length=255)
    adapter = models.CharField(max_length=32)
    state = models.CharField(max_length=12, choices=State.choices, default=State.KEPT)
    reason = models.CharField(max_length=255, blank=True)
    # Small bodies lie in the row, large ones in a file; never both.
    body = models.BinaryField(null=True)
    blob = models.ForeignKey("files.Blob", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # What the door knew beside the bytes: envelope, mailbox position, who typed it.
    meta = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    understood_at = models.DateTimeField(null=True)
    message = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("raw message")
        verbose_name_plural = _("raw messages")
        constraints = (models.UniqueConstraint(fields=("inbox", "external_id"), name="raw_once"),)
        indexes = (models.Index(fields=("state", "id"), name="raw_unsettled", condition=~models.Q(state="accepted")),)

    def __str__(self) -> str:
        return f"{self.adapter}:{self.external_id}"
