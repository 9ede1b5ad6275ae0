from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from careloop.triage.models import Correction


@admin.register(Correction)
class CorrectionAdmin(admin.ModelAdmin):
    """Read only: a correction is what somebody said."""

    list_display = ("at", "head", "predicted", "label", "by")
    list_filter = ("prediction__head",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        return super().get_queryset(request).select_related("prediction", "by")

    def head(self, row: Correction) -> str:
        return row.prediction.head

    def predicted(self, row: Correction) -> str:
        return row.prediction.label

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        return False
