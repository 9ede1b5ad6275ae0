"""How often one network address knocked at the portal. Nothing else is kept here: a message is intake's."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Knocks(models.Model):
    """The messages of one address in one hour. The address itself is not kept, only a keyed digest of it."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=32)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("knocks")
        verbose_name_plural = _("knocks")
        constraints = (models.UniqueConstraint(fields=("digest", "hour"), name="knocks_once_an_hour"),)
        indexes = (models.Index(fields=("hour",), name="knocks_hour"),)

    def __str__(self) -> str:
        return f"{self.digest[:6]} {self.hour:%Y-%m-%d %H} {self.count}"
