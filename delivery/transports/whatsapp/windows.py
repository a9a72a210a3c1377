"""The 24 hours after somebody wrote to us, in which WhatsApp takes words that are no template."""

from datetime import datetime, timedelta

from delivery.models import Recipient, WhatsAppWindow
from delivery.models.whatsapp import WINDOW

MARGIN = timedelta(minutes=10)  # what is handed over near the end may come after it


def opened(recipient: Recipient, *, at: datetime) -> None:
    """Note that somebody wrote at `at`. What comes late or twice moves nothing back."""
    row, new = WhatsAppWindow.objects.get_or_create(recipient=recipient, defaults={"wrote_at": at})
    if not new:
        WhatsAppWindow.objects.filter(pk=row.pk, wrote_at__lt=at).update(wrote_at=at)


def is_open(recipient_id: int, *, at: datetime) -> bool:
    """Return whether words may go to somebody as they are; one query."""
    return WhatsAppWindow.objects.filter(recipient=recipient_id, wrote_at__gt=at - WINDOW + MARGIN).exists()


def close(recipient_ids: list[int]) -> None:
    """Note that Meta says that these windows are over."""
    WhatsAppWindow.objects.filter(recipient__in=recipient_ids).delete()
