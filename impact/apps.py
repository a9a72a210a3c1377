from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImpactConfig(AppConfig):
    """What a campaign changed: measures with dated snapshots. Reads every app below it, and writes only rows of its own."""

    name = "impact"
    verbose_name = _("Impact")
