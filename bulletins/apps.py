from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    """What we say: message inputs, bulletins, review, publishing, cadences, questions and answers."""

    name = "bulletins"
    verbose_name = _("Bulletins")

    def ready(self) -> None:
        """Say what this room keeps of people, and from when on two administrators are needed."""
        from accounts import holding, retaining, safeguard

        from . import forgetting
        from .models import Version

        retaining.register(*forgetting.RULES)
        holding.register(*forgetting.PARTS)
        safeguard.begins_when(Version.objects.published_live)
