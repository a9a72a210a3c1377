from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    """What we say: message inputs, bulletins, review, publishing, cadences, questions and answers."""

    name = "bulletins"
    verbose_name = _("Bulletins")
