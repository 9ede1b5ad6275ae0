"""The dead letters and the schedule, for administrators: look, run again, discard."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from careloop.common.jobs import letters
from careloop.common.models import Job, RecurringRun


@admin.register(Job)
class JobAdmin(admin.ModelAdmin[Job]):
    """Jobs are looked at, never edited: what a job is to do was decided by the change that enqueued it."""

    list_display = ("id", "task", "state", "attempts", "max_attempts", "run_after", "finished_at", "error_class")
    list_filter = ("state", "task")
    search_fields = ("task", "error")
    actions = ("run_again", "discard")
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Who may not see the settings may not run jobs either; Django asks for nothing here by itself."""
        return super().get_actions(request) if request.user.is_superuser else {}

    @admin.action(description=_("Run again"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        count = _each(queryset, letters.run_again, request)
        self.message_user(
            request, ngettext("%d job waits to be run again.", "%d jobs wait to be run again.", count) % count
        )

    @admin.action(description=_("Discard"))
    def discard(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        count = _each(queryset, letters.discard, request)
        self.message_user(
            request, ngettext("%d job was discarded.", "%d jobs were discarded.", count) % count, messages.WARNING
        )


@admin.register(RecurringRun)
class RecurringRunAdmin(admin.ModelAdmin[RecurringRun]):
    list_display = ("name", "due_at", "last_run_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RecurringRun | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RecurringRun | None = None) -> bool:
        return False


def _each(jobs: QuerySet[Job], verb: Callable[[int, AbstractBaseUser], bool], request: HttpRequest) -> int:
    """How many of the chosen jobs the verb applied to; running and finished ones are left alone."""
    assert isinstance(request.user, AbstractBaseUser)
    return sum(verb(pk, request.user) for pk in jobs.values_list("pk", flat=True))
