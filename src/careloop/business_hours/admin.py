from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from careloop.business_hours.models import Calendar, Edition, Holiday, SwapDay
from careloop.business_hours.services import publish


class HolidayInline(admin.TabularInline[Holiday, Calendar]):
    model = Holiday
    extra = 0


class SwapDayInline(admin.TabularInline[SwapDay, Calendar]):
    model = SwapDay
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin[Calendar]):
    """Saving publishes a new edition; clocks that run are worked out again with it."""

    list_display = ("name", "name_zh", "zone", "is_default")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (HolidayInline, SwapDayInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        publish(form.instance, by=request.user)  # type: ignore[arg-type]


@admin.register(Edition)
class EditionAdmin(admin.ModelAdmin[Edition]):
    """For reading only: what a due time was worked out with."""

    list_display = ("__str__", "made_at", "made_by", "is_current")
    list_filter = ("calendar",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return False
