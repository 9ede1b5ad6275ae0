"""What was read."""

from django.urls import path

from careloop.audit import views

app_name = "audit"

urlpatterns = [path("audit/reads/", views.reads, name="reads")]
