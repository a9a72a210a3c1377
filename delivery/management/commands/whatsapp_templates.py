"""Ask Meta what became of the WhatsApp templates."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from delivery.models import WhatsAppTemplate
from delivery.transports.whatsapp import templates
from lib.http.safe_fetch import FetchFault


class Command(BaseCommand):
    help = "Ask Meta for the status and the words of the WhatsApp templates that are entered at the desk, keep them and list them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and list them."""
        if not settings.WHATSAPP_TOKEN:
            raise CommandError(
                "WHATSAPP_TOKEN is not set, so there is no WhatsApp. See docs/operating/channels/whatsapp.md."
            )
        try:
            fault = templates.refresh(at=timezone.now())
        except FetchFault as away:
            raise CommandError(f"Meta could not be reached ({away.code}). Nothing was changed.") from away
        if fault:
            raise CommandError(f"Meta refused: {fault}")
        for row in WhatsAppTemplate.objects.order_by("language", "use"):
            self.stdout.write(f"{row.language:8} {row.use:6} {row.name} ({row.code}): {row.status}")
