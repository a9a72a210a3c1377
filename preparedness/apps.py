from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PreparednessConfig(AppConfig):
    """What is ready before a crisis: templates, the ready shelf, and a campaign that is started from a template or an earlier one."""

    name = "preparedness"
    verbose_name = _("Preparedness")

    def ready(self) -> None:
        """Say what people are told of the shelf, and what stops a campaign from being made public."""
        from campaigns import launch
        from notifications import notice_kinds

        from .campaign_start import readiness
        from .ready_shelf import reminders

        notice_kinds.register(*reminders.KINDS)
        launch.register_test(readiness.stops_of)
