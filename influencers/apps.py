from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InfluencersConfig(AppConfig):
    """Who says it: influencers, their tiers and pledge, and the portal that they read."""

    name = "influencers"
    verbose_name = _("Influencers")

    def ready(self) -> None:
        """Say what this room keeps of people."""
        from accounts import holding, retaining

        from . import forgetting

        retaining.register(*forgetting.RULES)
        holding.register(*forgetting.PARTS)
