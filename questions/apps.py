from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuestionsConfig(AppConfig):
    """What people ask, and how authorities answer it."""

    name = "questions"
    verbose_name = _("Questions")
