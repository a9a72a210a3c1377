from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """For which crisis: campaigns, authorities, languages and the words and limits shared by all apps."""

    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Say what this app keeps of people."""
        from accounts.privacy import data_subjects, retention

        from . import personal_data

        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
