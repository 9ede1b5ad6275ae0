from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from careloop.accounts.models import Shift, Team, TeamMember, User


class MemberInline(admin.TabularInline):
    model = TeamMember
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ("name", "name_zh", "lead", "is_default")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MemberInline,)


@admin.register(User)
class PersonAdmin(UserAdmin):
    ordering = ("email",)
    list_display = ("display_name", "email", "role", "capacity", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("email", "display_name")
    fieldsets = (
        (None, {"fields": ("email", "password", "display_name", "role")}),
        (_("Work"), {"fields": ("skills", "languages", "capacity")}),
        (_("Screen"), {"fields": ("language", "timezone", "theme")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "display_name", "role", "password1", "password2")}),
    )
    filter_horizontal = ()


@admin.register(Shift)
class ShiftAdmin(admin.ModelAdmin):
    list_display = ("user", "starts_at", "ends_at")
    date_hierarchy = "starts_at"
