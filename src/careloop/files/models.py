"""Bytes we keep, once each, named by their hash."""

from __future__ import annotations

from django.db import models


class Blob(models.Model):
    """A stored file. The bytes lie under the data directory; ``path`` is relative to it."""

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=255, default="application/octet-stream")
    path = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]
