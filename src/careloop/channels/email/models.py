"""What the e-mail channel must remember: how far a mailbox is read, and what was sent to whom."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailboxCursor(models.Model):
    """How far one folder of one mailbox has been read.

    Mails are told by UID, which holds only while UIDVALIDITY stays the same (RFC 3501 2.3.1.1); the unread flag is
    a person's and plays no part.
    """

    id = models.BigAutoField(primary_key=True)
    inbox = models.ForeignKey("conversations.Inbox", on_delete=models.CASCADE, related_name="mailbox_cursors")
    folder = models.CharField(max_length=200, default="INBOX")
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)
    # One poll at a time; a poll that died is overtaken after this moment.
    busy_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("mailbox cursor")
        verbose_name_plural = _("mailbox cursors")
        constraints = (models.UniqueConstraint(fields=("inbox", "folder"), name="one_cursor_a_folder"),)

    def __str__(self) -> str:
        return f"{self.inbox_id}/{self.folder}: {self.uid_validity}.{self.last_uid}"


class MailSent(models.Model):
    """One mail handed to a relay: what the caps count. Forgotten after two days."""

    id = models.BigAutoField(primary_key=True)
    address = models.CharField(max_length=254)
    at = models.DateTimeField()
    is_automatic = models.BooleanField()

    class Meta:
        verbose_name = _("mail sent")
        verbose_name_plural = _("mails sent")
        indexes = (
            models.Index(fields=("address", "at"), name="mail_sent_to"),
            models.Index(fields=("at",), name="mail_sent_at"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class SendingBreaker(models.Model):
    """Stops sending for a while after a relay failed several times in a row."""

    inbox = models.OneToOneField(
        "conversations.Inbox", on_delete=models.CASCADE, primary_key=True, related_name="sending_breaker"
    )
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("sending breaker")
        verbose_name_plural = _("sending breakers")

    def __str__(self) -> str:
        return f"{self.inbox_id}: {self.failures}"


class Acknowledgement(models.Model):
    """That a conversation was acknowledged on a day; the row is what keeps it to one."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="acknowledgements", db_index=False
    )
    day = models.DateField()
    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        constraints = (models.UniqueConstraint(fields=("conversation", "day"), name="acknowledged_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.day}"
