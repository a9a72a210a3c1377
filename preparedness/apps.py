from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PreparednessConfig(AppConfig):
    """What is ready before a crisis: templates, and a campaign that is started from one or from an earlier campaign."""

    name = "preparedness"
    verbose_name = _("Preparedness")
