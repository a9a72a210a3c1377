from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InfluencersConfig(AppConfig):
    """Who says it: influencers, their tiers and pledge, and the portal that they read."""

    name = "influencers"
    verbose_name = _("Influencers")
