"""Who was named in an internal note, and whether they have read it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from careloop.conversations.querysets import MentionQuerySet


class Mention(models.Model):
    """One colleague named in one note. Opening the conversation reads it."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    message = models.ForeignKey(
        "conversations.Message", on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[MentionQuerySet] = MentionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        indexes = (
            models.Index(fields=("user", "conversation"), name="mention_of"),
            models.Index(
                fields=("user", "conversation"), name="mention_unread", condition=models.Q(read_at__isnull=True)
            ),
        )
        constraints = (models.UniqueConstraint(fields=("message", "user"), name="mentioned_once_a_note"),)

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"
