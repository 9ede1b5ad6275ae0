"""Who opened a sensitive conversation, when, and from where."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from careloop.conversations.models import Conversation
from careloop.conversations.models.conversation import FIRST_NUMBER

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from careloop.accounts.models import User
    from careloop.common.cursors import Cursor


class SensitiveReadQuerySet(models.QuerySet["SensitiveRead"]):
    def visible_to(self, user: User | AnonymousUser) -> SensitiveReadQuerySet:
        """Reads of the conversations this person may see; an administrator also sees those of erased ones."""
        if user.is_authenticated and user.is_active and user.is_administrator:
            return self
        return self.filter(conversation_id__in=Conversation.objects.visible_to(user).values("pk"))

    def of(self, conversation: Conversation) -> SensitiveReadQuerySet:
        return self.filter(conversation_id=conversation.pk)

    def by_person(self, pk: int) -> SensitiveReadQuerySet:
        return self.filter(person_id=pk)

    def newest_first(self, after: Cursor | None = None) -> SensitiveReadQuerySet:
        """By when, from behind the cursor (moment, id)."""
        rows = self.select_related("person").order_by("-at", "-id")
        if after is None:
            return rows
        moment, row = after
        return rows.filter(Q(at__lt=moment) | Q(at=moment, id__lt=row))


class SensitiveRead(models.Model):
    """One person opened one sensitive conversation within one quarter of an hour. Rows are only ever added.

    ``conversation_id`` is a plain number as in an event, because the record must outlive what was read; the
    person's name is kept beside the person for the same reason.
    """

    class Door(models.TextChoices):
        DESK = "desk", _("Desk")
        API = "api", _("API")

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    who = models.CharField(_("who"), max_length=300)
    conversation_id = models.BigIntegerField()
    quarter: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(_("when"))
    address = models.CharField(_("from"), max_length=64, blank=True)
    door = models.CharField(_("through"), max_length=8, choices=Door.choices)
    signals = models.JSONField(_("because of"), default=list)

    objects: ClassVar[SensitiveReadQuerySet] = SensitiveReadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("read of a sensitive conversation")
        verbose_name_plural = _("reads of sensitive conversations")
        indexes = (
            models.Index(fields=("at", "id"), name="sensitive_read_at"),
            models.Index(fields=("conversation_id", "at"), name="sensitive_read_conversation"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "conversation_id", "quarter"), name="sensitive_read_once_a_quarter"
            ),
        )

    def __str__(self) -> str:
        return f"{self.who} → {self.conversation_id}"

    @property
    def number(self) -> int:
        """What people call the conversation, behind ``CL-``."""
        return self.conversation_id + FIRST_NUMBER
