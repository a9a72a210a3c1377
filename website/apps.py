from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebsiteConfig(AppConfig):
    """What anyone reads: site, search, feeds, API, digests, subscriptions."""

    name = "website"
    verbose_name = _("Website")
