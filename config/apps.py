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
