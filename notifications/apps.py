from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What people are told besides bulletins. The apps above register their kinds of notices (notice_kinds)."""

    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Register what is kept of people."""
        from accounts.access import lost_devices
        from accounts.privacy import data_subjects, retention
        from delivery.recipients import other_holders
        from delivery.single_mails import queue

        from . import held_sends, notice_kinds, personal_data
        from .channels import addresses, cost_warnings
        from .channels.outgoing_copies import NoticeCopies
        from .sending import NoticeMails

        notice_kinds.register(addresses.ADDRESS_CHANGED, cost_warnings.OVER_LIMIT, held_sends.SEND_HELD)
        other_holders.register(addresses.HOLDERS)
        lost_devices.LOST_WITH_IT.append(addresses.leave_everything)

        queue.register(NoticeMails, NoticeCopies)
        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
