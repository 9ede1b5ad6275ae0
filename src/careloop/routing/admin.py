from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from careloop.accounts.models import User
from careloop.accounts.permissions import Permission, can
from careloop.routing.models import NatureTeam, PriorityWeights, QueueEntry, SourceImportance
from careloop.routing.services.weighing import change_source, change_weights


def _may_edit(request: HttpRequest) -> bool:
    return bool(can(request.user, Permission.PRIORITY_EDIT))


@admin.register(PriorityWeights)
class PriorityWeightsAdmin(admin.ModelAdmin[PriorityWeights]):
    """One row. Saving scores the queue anew in the background."""

    list_display = ("__str__", "severity", "value", "source", "late_factor", "version", "changed_at", "changed_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may_edit(request) and not PriorityWeights.objects.exists()

    def has_change_permission(self, request: HttpRequest, obj: PriorityWeights | None = None) -> bool:
        return _may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: PriorityWeights | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PriorityWeights, form: ModelForm[Any], change: bool) -> None:
        change_weights(by=cast(User, request.user), **form.cleaned_data)


@admin.register(SourceImportance)
class SourceImportanceAdmin(admin.ModelAdmin[SourceImportance]):
    """Saving or deleting scores the queue anew in the background."""

    list_display = ("__str__", "fact", "value", "importance")
    list_filter = ("fact",)

    def has_change_permission(self, request: HttpRequest, obj: SourceImportance | None = None) -> bool:
        return _may_edit(request)

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission

    def save_model(self, request: HttpRequest, obj: SourceImportance, form: ModelForm[Any], change: bool) -> None:
        change_source(obj, by=cast(User, request.user))

    def delete_model(self, request: HttpRequest, obj: SourceImportance) -> None:
        change_source(obj, by=cast(User, request.user), is_gone=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SourceImportance]) -> None:
        for source in queryset:
            self.delete_model(request, source)


@admin.register(NatureTeam)
class NatureTeamAdmin(admin.ModelAdmin[NatureTeam]):
    list_display = ("nature", "team")


@admin.register(QueueEntry)
class QueueEntryAdmin(admin.ModelAdmin[QueueEntry]):
    """For reading only: each place in the queue with the parts of its score."""

    list_display = ("conversation_id", "team", "state", "tier", "klass", "waiting_since", "claimed_by", "held_because")
    list_filter = ("state", "tier", "team")
    raw_id_fields = ("conversation", "claimed_by")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: QueueEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: QueueEntry | None = None) -> bool:
        return False
