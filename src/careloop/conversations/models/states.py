"""A state is a row with who and when, so that history needs no reconstruction."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Resolution(models.Model):
    """Solved, and was the customer satisfied? Two questions, both kept (mission 72)."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("Question answered")
        REFUNDED = "refunded", _("Refunded")
        REPLACED = "replaced", _("Replaced or sent again")
        COMPENSATED = "compensated", _("Compensated")
        REPAIRED = "repaired", _("Put right")
        EXPLAINED = "explained", _("Explained")
        REFUSED = "refused", _("Refused with reasons")
        DUPLICATE = "duplicate", _("Duplicate")
        NO_ANSWER = "no_answer", _("Customer did not come back")

    class Cause(models.TextChoices):
        PRODUCT = "product", _("Product")
        LOGISTICS = "logistics", _("Delivery")
        SERVICE = "service", _("Our service")
        INFORMATION = "information", _("Missing or unclear information")
        PRICE = "price", _("Price or promotion")
        SYSTEM = "system", _("System or account")
        CUSTOMER = "customer", _("Changed mind or use")
        OTHER = "other", _("Other")

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="resolutions", db_index=False
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    solved = models.BooleanField(_("solved"), null=True)
    satisfied = models.BooleanField(_("satisfied"), null=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    cause = models.CharField(_("cause"), max_length=16, choices=Cause.choices)
    note = models.TextField(_("note"), blank=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reopen_reason = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("conversation", "-at"), name="resolution_conversation"),
            models.Index(fields=("at",), name="resolution_at"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.outcome}"


class Assignment(models.Model):
    """Who held it, from when to when, and why."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("conversation", "-at"), name="assignment_conversation"),)
        constraints = (
            models.UniqueConstraint(
                fields=("conversation",), condition=models.Q(until=None), name="one_open_assignment"
            ),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} → {self.user_id}"


class Snooze(models.Model):
    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="snoozes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    wake_at = models.DateTimeField()
    woken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("wake_at",), name="snooze_asleep", condition=models.Q(woken_at=None)),)

    def __str__(self) -> str:
        return f"{self.conversation_id} until {self.wake_at:%Y-%m-%d %H:%M}"
