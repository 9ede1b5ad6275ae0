"""Looking after people once their matter is resolved (mission 106)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from careloop.accounts.models import User


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User | AnonymousUser) -> FollowUpQuerySet:
        """As conversations are: administrators all, others their teams' and what has no team."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(Q(conversation__team_id__in=user.team_ids) | Q(conversation__team_id=None))

    def open(self) -> FollowUpQuerySet:
        return self.filter(state="open")

    def closed(self) -> FollowUpQuerySet:
        return self.exclude(state="open")

    def owned_by(self, user: User) -> FollowUpQuerySet:
        return self.filter(owner=user)

    def about(self, conversation_ids: Collection[int]) -> FollowUpQuerySet:
        return self.filter(conversation_id__in=conversation_ids)

    def soonest_first(self, after: tuple[datetime, int] | None = None) -> FollowUpQuerySet:
        """By due time, from behind the cursor (moment, id)."""
        rows = self.order_by("due_at", "id")
        if after is None:
            return rows
        moment, row = after
        return rows.filter(Q(due_at__gt=moment) | Q(due_at=moment, id__gt=row))

    def latest_closed_first(self, after: tuple[datetime, int] | None = None) -> FollowUpQuerySet:
        rows = self.order_by("-closed_at", "-id")
        if after is None:
            return rows
        moment, row = after
        return rows.filter(Q(closed_at__lt=moment) | Q(closed_at=moment, id__lt=row))

    def for_list(self) -> FollowUpQuerySet:
        """Everything a row of the list shows, in this one query."""
        return self.select_related("conversation__customer", "conversation__team", "owner", "closed_by")


class FollowUp(models.Model):
    """A call back to one customer about one resolution, owed by one person."""

    class State(models.TextChoices):
        OPEN = "open", _("To do")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")
        CANCELLED = "cancelled", _("No longer needed")

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="follow_ups")
    resolution = models.OneToOneField("conversations.Resolution", on_delete=models.CASCADE, related_name="follow_up")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="follow_ups", db_index=False
    )
    due_at = models.DateTimeField(_("due"))
    draft = models.TextField(_("draft"), blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    message = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects: ClassVar[FollowUpQuerySet] = FollowUpQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = (
            models.Index(fields=("owner", "state", "due_at", "id"), name="follow_up_mine"),
            models.Index(fields=("state", "due_at", "id"), name="follow_up_due"),
            models.Index(fields=("-closed_at", "-id"), name="follow_up_closed"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_at < timezone.now()
