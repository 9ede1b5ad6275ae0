from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImprovementsConfig(AppConfig):
    name = "careloop.improvements"
    label = "improvements"
    verbose_name = _("Improvements")
    default_auto_field = "django.db.models.BigAutoField"
