from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    """What we say: message inputs, bulletins, review, publishing, cadences, questions and answers."""

    name = "bulletins"
    verbose_name = _("Bulletins")

    def ready(self) -> None:
        """Say what this room keeps of people, what it agrees on, and from when on two administrators are needed."""
        from accounts.access import two_administrators
        from accounts.privacy import data_subjects, retention
        from campaigns import printed_words

        from . import personal_data
        from .approval import approval_workflow
        from .models import Version
        from .publication import permalinks  # noqa: F401 permalinks registers by itself

        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
        two_administrators.begins_when(Version.objects.published_live)
        printed_words.register(approval_workflow.take_back_outdated)
