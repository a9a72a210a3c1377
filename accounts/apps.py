from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who may do what."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Say what this app keeps of people."""
        from .privacy import data_subjects, personal_data, retention

        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
