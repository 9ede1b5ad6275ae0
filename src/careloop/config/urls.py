"""Every address of the desk."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from careloop.config.api import api
from careloop.config.health import health

urlpatterns = [
    path("health", health, name="health"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("", include("careloop.analytics.urls")),
    path("", include("careloop.routing.urls")),
    path("", include("careloop.sla.urls")),
    path("", include("careloop.audit.urls")),
    path("", include("careloop.improvements.urls")),
    path("", include("careloop.triage.urls")),
    path("", include("careloop.knowledge.urls")),
    path("", RedirectView.as_view(pattern_name="workspace:home"), name="home"),
    path("", include("careloop.workspace.urls")),
    path("", include("careloop.care.urls")),
    path("", include("careloop.surveys.urls")),
    path("", include("careloop.portal.urls")),
]
