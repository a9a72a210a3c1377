from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What people are told besides bulletins. The apps above register their kinds of notices (notice_kinds)."""

    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Register what is kept of people."""
        from accounts.privacy import data_subjects, retention

        from . import personal_data

        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
