"""Looking after people once their matter is resolved (mission 106)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.conversations.models import Conversation

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


class BuyingRhythm(models.Model):
    """How the customers of this house buy: the parameters of BG/NBD as they were fitted once, and on how many.

    Beside them what a purchase is worth (Gamma-Gamma), of customers who pay in the commonest currency alone. Without
    parameters when there were too few customers to learn from.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    customers = models.PositiveIntegerField()
    repeaters = models.PositiveIntegerField()
    r = models.FloatField(null=True)
    alpha = models.FloatField(null=True)
    a = models.FloatField(null=True)
    b = models.FloatField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    spenders = models.PositiveIntegerField(default=0)
    # Of how often and how much: far from nought, Gamma-Gamma does not hold.
    correlation = models.FloatField(default=0.0)
    p = models.FloatField(null=True)
    q = models.FloatField(null=True)
    v = models.FloatField(null=True)

    class Meta:
        verbose_name = _("buying rhythm")
        verbose_name_plural = _("buying rhythms")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} n={self.customers}"

    @property
    def is_known(self) -> bool:
        return self.r is not None


class OutlookQuerySet(models.QuerySet["Outlook"]):
    def visible_to(self, user: User | AnonymousUser) -> OutlookQuerySet:
        """Of whom this person may see: administrators of all, others of customers in their teams' conversations."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.in_sight(*user.sight)

    def in_sight(self, is_administrator: bool, teams: tuple[int, ...]) -> OutlookQuerySet:
        """The same, of somebody whose sight is known."""
        if is_administrator:
            return self
        theirs = Conversation.objects.in_sight(is_administrator, teams).filter(customer=OuterRef("customer"))
        return self.filter(Exists(theirs))


class Outlook(models.Model):
    """What is expected of one customer, from what was known at a moment; see `services.forecasting`.

    A figure is empty when too little is known: purchases with fewer than two orders, churn without a complaint.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.OneToOneField("customers.Customer", on_delete=models.CASCADE, related_name="outlook")
    rhythm = models.ForeignKey(BuyingRhythm, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()
    # A fingerprint of what it was computed from: the same facts are not computed again.
    facts = models.CharField(max_length=16)
    orders = models.PositiveIntegerField(_("days with an order"))
    purchases = models.FloatField(_("expected purchases in 90 days"), null=True)
    chance_of_buying = models.FloatField(null=True)
    still_customer = models.FloatField(null=True)
    churn = models.FloatField(_("chance of losing them"), null=True)
    spend_each = models.FloatField(_("expected spend a purchase"), null=True)
    spend_year = models.FloatField(_("expected spend in twelve months"), null=True)
    # What services.spending.Standing says: {"recency": 5, "frequency": 4, "money": 4, "days_ago": 12, …}
    standing = models.JSONField(default=dict)
    # {"days": 4.2, "satisfaction": 0.75 or null, "severity": "severe", "is_resolved": true, "complaints": 2}
    complaint = models.JSONField(default=dict)

    objects: ClassVar[OutlookQuerySet] = OutlookQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("outlook")
        verbose_name_plural = _("outlooks")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.at:%Y-%m-%d}"
