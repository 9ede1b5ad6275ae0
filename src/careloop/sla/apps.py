from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    name = "careloop.sla"
    label = "sla"
    verbose_name = _("Response targets")
    default_auto_field = "django.db.models.BigAutoField"
