"""Inboxes and their mail accounts, how far mailboxes are read, and whether sending pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.channels.email import consent
from careloop.channels.email.accounts import account_of
from careloop.channels.email.consent import signs_in_with
from careloop.channels.email.errors import MailboxUnreachable
from careloop.channels.email.forms import InboxForm
from careloop.channels.email.mailbox import opened_mailbox
from careloop.channels.email.sentences import in_language
from careloop.channels.models import MailboxCursor, SendingBreaker
from careloop.channels.secrets import SecretsLost
from careloop.common.errors import InvalidInput
from careloop.conversations.models import Inbox

if TYPE_CHECKING:
    from careloop.accounts.models import User

ACCOUNT = ("provider", "username", "auth", "password", "display_name", "plus_addressing", "acknowledge")
IMAP = ("imap_host", "imap_port", "imap_security", "imap_folder", "imap_skip_existing")
SMTP = ("smtp_host", "smtp_port", "smtp_security")
OAUTH = (
    "oauth_client_id", "client_secret", "refresh_token", "oauth_authorize_url", "oauth_token_url", "oauth_scope",
)  # fmt: skip


@admin.register(Inbox)
class InboxAdmin(admin.ModelAdmin[Inbox]):
    """Where messages come in and answers go out; the mail account of an e-mail inbox."""

    form = InboxForm
    list_display = ("name", "kind", "address", "team", "is_active")
    list_filter = ("kind", "is_active")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("try_mailbox",)
    change_form_template = "channels/inbox_form.html"
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

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        return [
            path("<int:pk>/consent/", guarded(self.ask_consent), name="channels_ask_consent"),
            path("consent/", guarded(self.take_consent), name="channels_consent"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        inbox = self.get_object(request, object_id)
        shown = {
            "signs_in_with": signs_in_with(inbox) if inbox is not None else "",
            "consent_url": reverse("admin:channels_ask_consent", args=[inbox.pk]) if inbox is not None else "",
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    def ask_consent(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Off to the provider. A link, because a form may not lead away from here (form-action)."""
        inbox = self._to_connect(request, pk)
        try:
            return redirect(consent.begin(inbox, request.session))
        except (InvalidInput, SecretsLost) as error:
            return self._back(request, inbox, str(error))

    def take_consent(self, request: HttpRequest) -> HttpResponse:
        """Back from the provider: tokens, and a look whether the mailbox opens with them."""
        try:
            question = consent.question_of(request.session, request.GET.get("state", ""))
        except InvalidInput as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:conversations_inbox_changelist")
        inbox = self._to_connect(request, question.inbox_id)
        if not request.GET.get("code"):
            told = request.GET.get("error", ""), request.GET.get("error_description", "")
            return self._back(request, inbox, consent.refusal(*told))
        try:
            consent.finish(inbox, question, request.GET["code"], by=cast("User", request.user))
        except (MailboxUnreachable, SecretsLost) as error:
            return self._back(request, inbox, in_language(str(error)))
        return self._look(request, Inbox.objects.get(pk=inbox.pk))

    def _to_connect(self, request: HttpRequest, pk: int) -> Inbox:
        inbox = self.get_object(request, str(pk))
        if inbox is None:
            raise Http404
        require(cast("User", request.user), Permission.SETTINGS_EDIT)
        if not self.has_change_permission(request, inbox):
            raise PermissionDenied
        return inbox

    def _look(self, request: HttpRequest, inbox: Inbox) -> HttpResponse:
        account = account_of(inbox)
        try:
            if account.imap is not None:
                with opened_mailbox(account):
                    pass
        except MailboxUnreachable as error:
            told = _("Signed in, but the mailbox %(address)s does not open with it: %(reason)s") % {
                "address": account.username, "reason": in_language(str(error)),
            }  # fmt: skip
            return self._back(request, inbox, told)
        return self._back(request, inbox, _("Signed in. The mailbox is read from now on."), messages.SUCCESS)

    def _back(self, request: HttpRequest, inbox: Inbox, told: object, level: int = messages.ERROR) -> HttpResponse:
        self.message_user(request, str(told), level)
        return redirect("admin:conversations_inbox_change", inbox.pk)

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
