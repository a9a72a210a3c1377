from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FactcheckConfig(AppConfig):
    """What is true: claims, verdicts and the evidence that people can check for themselves."""

    name = "factcheck"
    verbose_name = _("Fact-checks")

    def ready(self) -> None:
        """Say what this app keeps of people, and what it agrees on."""
        from accounts.privacy import data_subjects, retention
        from campaigns import publication_details

        from . import personal_data
        from .publication import permalinks  # noqa: F401 permalinks registers by itself
        from .verdicts import verdict_workflow

        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
        publication_details.register(verdict_workflow.withdraw_outdated)
