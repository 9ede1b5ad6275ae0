from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TriageConfig(AppConfig):
    name = "careloop.triage"
    label = "triage"
    verbose_name = _("Triage")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from careloop.triage import taxonomy_in_use, thresholds
        from careloop.triage.services import models_in_use

        taxonomy_in_use.watch_changes()
        thresholds.watch_changes()
        models_in_use.watch_changes()
