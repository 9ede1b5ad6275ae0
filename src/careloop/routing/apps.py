from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "careloop.routing"
    label = "routing"
    verbose_name = _("Priority and routing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from careloop.common.remembering import forget_on_change
        from careloop.routing.models import PriorityWeights, SourceImportance
        from careloop.routing.scoring import SOURCES, WEIGHTS

        forget_on_change(WEIGHTS, PriorityWeights)
        forget_on_change(SOURCES, SourceImportance)
