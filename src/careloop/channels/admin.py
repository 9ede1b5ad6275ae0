"""Inboxes and their mail accounts, how far mailboxes are read, and whether sending pauses."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from careloop.channels.email.accounts import account_of
from careloop.channels.email.errors import MailboxUnreachable
from careloop.channels.email.forms import InboxForm
from careloop.channels.email.mailbox import opened_mailbox
from careloop.channels.email.sentences import in_language
from careloop.channels.models import MailboxCursor, SendingBreaker
from careloop.channels.secrets import SecretsLost
from careloop.conversations.models import Inbox

ACCOUNT = ("provider", "username", "auth", "password", "display_name", "plus_addressing", "acknowledge")
IMAP = ("imap_host", "imap_port", "imap_security", "imap_folder", "imap_skip_existing")
SMTP = ("smtp_host", "smtp_port", "smtp_security")
OAUTH = ("oauth_client_id", "client_secret", "refresh_token", "oauth_token_url")


@admin.register(Inbox)
class InboxAdmin(admin.ModelAdmin[Inbox]):
    """Where messages come in and answers go out; the mail account of an e-mail inbox."""

    form = InboxForm
    list_display = ("name", "kind", "address", "team", "is_active")
    list_filter = ("kind", "is_active")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("try_mailbox",)
    fieldsets = (
        (None, {"fields": ("kind", "name", "slug", "address", "team", "language", "is_active")}),
        (_("Mail account"), {"fields": ACCOUNT}),
        (_("Reading mail"), {"fields": IMAP, "description": _("Only where it differs from the provider's.")}),
        (_("Sending mail"), {"fields": SMTP, "description": _("Only where it differs from the provider's.")}),
        ("OAuth 2", {"fields": OAUTH, "classes": ("collapse",)}),
    )

    @admin.action(description=_("Try to sign in to the mailbox"))
    def try_mailbox(self, request: HttpRequest, queryset: QuerySet[Inbox]) -> None:
        """Sign in and open the folder of each inbox; nothing is read."""
        for inbox in queryset:
            try:
                with opened_mailbox(account_of(inbox)):
                    self.message_user(request, _("%(inbox)s: the mailbox opens.") % {"inbox": inbox.name})
            except (MailboxUnreachable, SecretsLost) as error:
                self.message_user(request, f"{inbox.name}: {in_language(str(error))}", messages.ERROR)

    def has_delete_permission(self, request: HttpRequest, obj: Inbox | None = None) -> bool:
        """An inbox with messages is switched off, not deleted."""
        return obj is not None and not obj.conversations.exists() and not obj.raw_messages.exists()


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
