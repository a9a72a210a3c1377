from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who may do what."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Say what this room keeps of people."""
        from . import forgetting, holding, retaining

        retaining.register(*forgetting.RULES)
        holding.register(*forgetting.PARTS)
