from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FactcheckConfig(AppConfig):
    """What is true: claims, verdicts and the evidence that people can check for themselves."""

    name = "factcheck"
    verbose_name = _("Fact-checks")

    def ready(self) -> None:
        """Say what this room keeps of people, and what it agrees on."""
        from accounts import holding, retaining
        from campaigns import words

        from . import forgetting, permalinks, reviewing  # noqa: F401 permalinks registers by itself

        retaining.register(*forgetting.RULES)
        holding.register(*forgetting.PARTS)
        words.register(reviewing.take_back_outdated)
