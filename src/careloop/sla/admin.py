from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from careloop.sla.models import Clock, ResponseTarget, TeamCalendar


@admin.register(ResponseTarget)
class ResponseTargetAdmin(admin.ModelAdmin[ResponseTarget]):
    """A changed row counts for the clocks that start from now on."""

    list_display = ("__str__", "promise", "starts", "seconds", "business", "after_opening_seconds", "is_active")
    list_filter = ("promise", "is_active")
    prepopulated_fields = {"code": ("name",)}


@admin.register(TeamCalendar)
class TeamCalendarAdmin(admin.ModelAdmin[TeamCalendar]):
    list_display = ("team", "calendar")


@admin.register(Clock)
class ClockAdmin(admin.ModelAdmin[Clock]):
    """For reading only: every deadline, by which row, on which findings and which edition of the calendar."""

    list_display = ("conversation_id", "kind", "state", "due_at", "policy_row", "schedule", "stopped_at")
    list_filter = ("kind", "state")
    raw_id_fields = ("conversation",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Clock | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Clock | None = None) -> bool:
        return False
