from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from careloop.replies.models import CheckOverride, SavedReply


@admin.register(SavedReply)
class SavedReplyAdmin(admin.ModelAdmin[SavedReply]):
    list_display = ("code", "title", "title_zh", "situation", "team", "is_active", "position")
    list_editable = ("is_active", "position")
    list_filter = ("is_active", "team")
    search_fields = ("code", "title", "title_zh", "text", "text_zh", "situation")


@admin.register(CheckOverride)
class CheckOverrideAdmin(admin.ModelAdmin[CheckOverride]):
    """To be read, not written: it is a record."""

    list_display = ("at", "check_id", "by", "reason")
    list_filter = ("check_id",)
    list_select_related = ("by",)
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: CheckOverride | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: CheckOverride | None = None) -> bool:
        return False
