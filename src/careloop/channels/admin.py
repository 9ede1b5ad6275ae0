"""What an administrator looks up about mail: how far mailboxes are read, and whether sending pauses."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from careloop.channels.models import MailboxCursor, SendingBreaker


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(MailboxCursor)
class MailboxCursorAdmin(_ReadOnly, admin.ModelAdmin[MailboxCursor]):
    """Deleting a row makes the mailbox be read from its start; doubles are recognised."""

    list_display = ("inbox", "folder", "last_uid", "polled_at", "failures", "last_error")


@admin.register(SendingBreaker)
class SendingBreakerAdmin(_ReadOnly, admin.ModelAdmin[SendingBreaker]):
    """Deleting a row lets sending start again at once."""

    list_display = ("inbox", "failures", "open_until", "last_error")
