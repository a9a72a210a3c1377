from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    """What we say: message inputs, bulletins, review, publishing, cadences, questions and answers."""

    name = "bulletins"
    verbose_name = _("Bulletins")

    def ready(self) -> None:
        """Say what this room keeps of people, what it agrees on, and from when on two administrators are needed."""
        from accounts import holding, retaining, safeguard
        from campaigns import words

        from . import forgetting, permalinks, reviewing  # noqa: F401 permalinks registers by itself
        from .models import Version

        retaining.register(*forgetting.RULES)
        holding.register(*forgetting.PARTS)
        safeguard.begins_when(Version.objects.published_live)
        words.register(reviewing.take_back_outdated)
