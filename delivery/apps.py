from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """How it gets there: a frozen Message and an Audience in, every single message accounted for."""

    name = "delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        """Say what this room keeps of people."""
        from accounts import holding, retaining

        from . import forgetting

        retaining.register(*forgetting.RULES)
        holding.register(*forgetting.PARTS)
