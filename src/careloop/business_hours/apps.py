from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BusinessHoursConfig(AppConfig):
    name = "careloop.business_hours"
    label = "business_hours"
    verbose_name = _("Business hours")
    default_auto_field = "django.db.models.BigAutoField"
