from __future__ import annotations

from django.contrib import admin

from careloop.replies.models import SavedReply


@admin.register(SavedReply)
class SavedReplyAdmin(admin.ModelAdmin):
    list_display = ("code", "title", "title_zh", "team", "is_active", "position")
    list_editable = ("is_active", "position")
    list_filter = ("is_active", "team")
    search_fields = ("code", "title", "title_zh", "text", "text_zh")
