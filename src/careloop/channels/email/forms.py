"""The form by which an administrator sets up the mail account of an inbox; secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from careloop.channels.email.consent import return_address
from careloop.channels.email.providers import hint, provider_for, providers
from careloop.channels.secrets import SecretsLost, opened, sealed
from careloop.conversations.models import Inbox

SECURITY = [("", "—"), ("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", _("no encryption"))]
SMTP_SECURITY = [*SECURITY, ("folder", _("write to the outbox folder"))]
SECRETS = ("password", "client_secret", "refresh_token")
PLAIN = ("provider", "username", "auth", "display_name")
SWITCHES = ("plus_addressing",)


def _secret(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, required=False, strip=True, widget=widget, help_text=help_text)


class InboxForm(forms.ModelForm[Inbox]):
    """Empty fields take what is known of the provider; an empty secret keeps the one that is stored."""

    provider = forms.ChoiceField(label=_("mail provider"), required=False)
    username = forms.CharField(label=_("sign-in name"), required=False, help_text=_("Empty means the address."))
    auth = forms.ChoiceField(
        label=_("sign-in by"),
        required=False,
        choices=[("", "—"), ("password", _("password or authorisation code")), ("xoauth2", "OAuth 2 (XOAUTH2)")],
    )
    password = _secret(_("password or authorisation code"), _("Leave empty to keep the one that is stored."))
    imap_host = forms.CharField(label=_("IMAP server"), required=False)
    imap_port = forms.IntegerField(label=_("IMAP port"), required=False, min_value=1, max_value=65535)
    imap_security = forms.ChoiceField(label=_("IMAP security"), required=False, choices=SECURITY)
    imap_folder = forms.CharField(label=_("mail folder"), required=False)
    imap_skip_existing = forms.BooleanField(label=_("leave the mail that is there already"), required=False)
    smtp_host = forms.CharField(label=_("SMTP server"), required=False)
    smtp_port = forms.IntegerField(label=_("SMTP port"), required=False, min_value=1, max_value=65535)
    smtp_security = forms.ChoiceField(label=_("SMTP security"), required=False, choices=SMTP_SECURITY)
    oauth_client_id = forms.CharField(label=_("OAuth client id"), required=False)
    client_secret = _secret(_("OAuth client secret"))
    refresh_token = _secret(_("OAuth refresh token"), _("Comes by itself when you sign in with the provider."))
    oauth_authorize_url = forms.URLField(label=_("OAuth sign-in address"), required=False, assume_scheme="https")
    oauth_token_url = forms.URLField(label=_("OAuth token address"), required=False, assume_scheme="https")
    oauth_scope = forms.CharField(label=_("OAuth scope"), required=False)
    display_name = forms.CharField(label=_("name customers see"), required=False)
    plus_addressing = forms.BooleanField(
        label=_("mail to name+anything@domain arrives"), required=False,
        help_text=_("Reply addresses then name the conversation."),
    )  # fmt: skip
    acknowledge = forms.BooleanField(label=_("acknowledge customers' mails"), required=False, initial=True)

    class Meta:
        model = Inbox
        fields = ("kind", "name", "slug", "address", "team", "language", "is_active")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        language = get_language() or "en"
        title = "zh" if language.startswith("zh") else "en"
        choices = [(name, preset["title"][title]) for name, preset in providers().items()]
        self._choice("provider").choices = [("", _("another provider")), *choices]
        self._show(self.instance.settings)
        self.fields["provider"].help_text = hint(self._provider(), language)
        self.fields["oauth_client_id"].help_text = _("Register this return address with the provider: %(address)s") % {
            "address": return_address()
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == Inbox.Kind.EMAIL and not given.get("address"):
            self.add_error("address", _("An e-mail inbox needs its address."))
        return given

    def save(self, commit: bool = True) -> Inbox:
        """Write settings and secrets onto the inbox."""
        self.instance.settings = self._settings()
        changed = {name: self.cleaned_data[name] for name in SECRETS if self.cleaned_data.get(name)}
        if changed:
            self.instance.secrets = sealed({**self._stored_secrets(), **changed})
        saved: Inbox = super().save(commit)
        return saved

    def _stored_secrets(self) -> dict[str, str]:
        """Empty when the key has changed: whoever types the secrets anew mends just that."""
        try:
            return opened(self.instance)
        except SecretsLost:
            return {}

    def _provider(self) -> str:
        return str(self.instance.settings.get("provider") or provider_for(self.instance.address))

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def _show(self, settings: dict[str, Any]) -> None:
        for name in (*PLAIN, *SWITCHES, "acknowledge"):
            if name in settings:
                self.initial[name] = settings[name]
        for group in ("imap", "smtp", "oauth"):
            for name, value in settings.get(group, {}).items():
                self.initial[f"{group}_{name}"] = value

    def _settings(self) -> dict[str, Any]:
        """What is given, over what was there; emptied fields are taken out so that the preset holds again."""
        settings = dict(self.instance.settings)
        for name in (*PLAIN, *SWITCHES):
            _set(settings, name, self.cleaned_data.get(name))
        for group in ("imap", "smtp", "oauth"):
            inner = dict(settings.get(group, {}))
            for name in [each for each in self.fields if each.startswith(f"{group}_")]:
                _set(inner, name.removeprefix(f"{group}_"), self.cleaned_data.get(name))
            _set(settings, group, inner)
        settings["acknowledge"] = bool(self.cleaned_data.get("acknowledge"))
        return settings


def _set(settings: dict[str, Any], name: str, value: Any) -> None:
    if value in (None, "", False, {}):
        settings.pop(name, None)
    else:
        settings[name] = value
