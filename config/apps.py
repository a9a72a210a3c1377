from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

from . import garbage_collection


class ConfigApp(AppConfig):
    """The composition root: it wires the apps together, and nothing imports it."""

    name = "config"
    default = True

    def ready(self) -> None:
        from accounts.privacy import retention
        from operations import deploy_checks  # noqa: F401  (registers the deployment checks)
        from operations.backups import backup
        from operations.logs import formatters, sentry

        retention.register(backup.RULE)
        formatters.take_uncaught()
        sentry.begin()


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with the desk as its site, so that every app registers its pages the usual way."""

    default = False
    default_site = "config.desk.site.DeskSite"

    def ready(self) -> None:
        """Register the pages of every app, the last to be loaded; what allauth keeps, secrets among it, has no pages."""
        super().ready()
        from django.apps import apps
        from django.contrib import admin

        for label in ("account", "mfa", "socialaccount"):
            for model in apps.get_app_config(label).get_models():
                if admin.site.is_registered(model):
                    admin.site.unregister(model)
        garbage_collection.resume()
