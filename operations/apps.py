from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Running it: supervisor, doctor, metrics, back-up and restore, logs."""

    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        """Register what staff are told."""
        from notifications import notice_kinds

        from .monitoring import audit_monitor

        notice_kinds.register(audit_monitor.TAMPERED)
