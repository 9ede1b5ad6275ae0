"""What was said, and whether it arrived."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Internal note")
        PHONE = "phone", _("Phone call")
        AUTOMATIC = "automatic", _("Automatic")
        SYSTEM = "system", _("System")

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField()
    # Mail's own names for it; ours carry a signature (channels.email).
    message_id = models.CharField(max_length=255, blank=True)
    in_reply_to = models.CharField(max_length=255, blank=True)
    references = models.TextField(blank=True)
    raw = models.ForeignKey("intake.RawMessage", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # What only the channel knows: subject, from, to, call direction and length, …
    channel_data = models.JSONField(default=dict, blank=True)

    # Asked for where the formatted text itself is not read.
    has_original: bool

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = (
            models.Index(fields=("conversation", "id"), name="message_thread"),
            models.Index(fields=("message_id",), name="message_mail_id", condition=~models.Q(message_id="")),
        )

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def is_public(self) -> bool:
        """Whether the customer sees it."""
        return self.kind not in (self.Kind.NOTE, self.Kind.SYSTEM)

    @property
    def is_from_customer(self) -> bool:
        return self.kind == self.Kind.CUSTOMER or (
            self.kind == self.Kind.PHONE and self.channel_data.get("direction") == "in"
        )


class Attachment(models.Model):
    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    blob = models.ForeignKey("files.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    content_id = models.CharField(max_length=255, blank=True)
    is_inline = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """The way of one message out of the house."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")

    id = models.BigAutoField(primary_key=True)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="delivery")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    claimed_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=255, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = (
            models.Index(
                fields=("state", "next_attempt_at"), name="delivery_unsent", condition=~models.Q(state="sent")
            ),
        )

    def __str__(self) -> str:
        return f"{self.state} #{self.message_id}"
