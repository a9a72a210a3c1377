from django.apps import AppConfig


class ConfigApp(AppConfig):
    """The composition root: it wires the rooms together, and nothing imports it."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  (registers the deployment checks)
