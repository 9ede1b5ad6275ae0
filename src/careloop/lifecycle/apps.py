from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LifecycleConfig(AppConfig):
    name = "careloop.lifecycle"
    label = "lifecycle"
    verbose_name = _("Lifecycle")
    default_auto_field = "django.db.models.BigAutoField"
