from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from careloop.common.transaction import write
from careloop.sla.models import Clock, ResponseTarget, TeamCalendar
from careloop.sla.services.recomputing import target_changed, team_hours_changed

if TYPE_CHECKING:
    from careloop.accounts.models import User

FOLLOWING = _("Saved. The clocks that run are being worked out again.")


@admin.register(ResponseTarget)
class ResponseTargetAdmin(admin.ModelAdmin[ResponseTarget]):
    """A changed row counts at once: the clocks that run are worked out again in the background."""

    list_display = ("__str__", "promise", "starts", "seconds", "business", "after_opening_seconds", "is_active")
    list_filter = ("promise", "is_active")
    prepopulated_fields = {"code": ("name",)}

    def save_model(self, request: HttpRequest, obj: ResponseTarget, form: Any, change: bool) -> None:
        with write():
            super().save_model(request, obj, form, change)
            if form.changed_data:
                target_changed(obj, by=_person(request))
        messages.info(request, FOLLOWING)

    def delete_model(self, request: HttpRequest, obj: ResponseTarget) -> None:
        with write():
            target_changed(obj, by=_person(request))
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ResponseTarget]) -> None:
        for target in queryset:
            self.delete_model(request, target)


@admin.register(TeamCalendar)
class TeamCalendarAdmin(admin.ModelAdmin[TeamCalendar]):
    list_display = ("team", "calendar")

    def save_model(self, request: HttpRequest, obj: TeamCalendar, form: Any, change: bool) -> None:
        with write():
            super().save_model(request, obj, form, change)
            team_hours_changed(obj, by=_person(request))
        messages.info(request, FOLLOWING)

    def delete_model(self, request: HttpRequest, obj: TeamCalendar) -> None:
        with write():
            team_hours_changed(obj, by=_person(request))
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TeamCalendar]) -> None:
        for hours in queryset:
            self.delete_model(request, hours)


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


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
