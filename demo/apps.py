from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The exercise campaign, the mail catcher, and the check of the whole chain."""

    name = "demo"
    verbose_name = _("Demo")
