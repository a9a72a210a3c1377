"""The app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementConfig(AppConfig):
    """What two people say of the same words."""

    name = "agreement"
    verbose_name = _("agreement")
