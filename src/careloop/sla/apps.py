from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    name = "careloop.sla"
    label = "sla"
    verbose_name = _("Response targets")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from careloop.business_hours.models import Calendar, Edition
        from careloop.common.remembering import forget_on_change
        from careloop.sla.laws import LAWS
        from careloop.sla.models import RegimeInUse, ResponseTarget, TeamCalendar
        from careloop.sla.policy import HOURS, TABLE, TARGETS

        forget_on_change(TABLE, ResponseTarget)
        forget_on_change(TARGETS, ResponseTarget)
        forget_on_change(HOURS, Calendar, Edition, TeamCalendar)
        forget_on_change(LAWS, RegimeInUse, Calendar, Edition)
