"""Every address of the desk."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from careloop.config.api import api
from careloop.config.health import health

urlpatterns = [
    path("health", health, name="health"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
]
