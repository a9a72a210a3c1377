from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigApp(AppConfig):
    """The composition root: it wires the rooms together, and nothing imports it."""

    name = "config"
    default = True

    def ready(self) -> None:
        from config import checks  # noqa: F401  (registers the deployment checks)


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with the desk as its site, so that every room registers its pages the usual way."""

    default = False
    default_site = "config.desk.DeskSite"

    def ready(self) -> None:
        """Register the pages of every room; addresses are changed on a person's page, not on one of their own."""
        super().ready()
        from allauth.account.models import EmailAddress
        from django.contrib import admin

        if admin.site.is_registered(EmailAddress):
            admin.site.unregister(EmailAddress)
