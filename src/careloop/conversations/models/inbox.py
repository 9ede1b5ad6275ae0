"""A configured channel: where messages come in and answers go out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Inbox(models.Model):
    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PORTAL = "portal", _("Portal")
        API = "api", _("API")
        PHONE = "phone", _("Phone")
        IMPORT = "import", _("Import")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(unique=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    team = models.ForeignKey(
        "accounts.Team",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="inboxes",
        verbose_name=_("team"),
    )
    language = models.CharField(_("language when unknown"), max_length=8, default="en")
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    # Passwords and tokens, encrypted with the installation's key; see channels.secrets.
    secrets = models.TextField(default="", blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("inbox")
        verbose_name_plural = _("inboxes")

    def __str__(self) -> str:
        return self.name
