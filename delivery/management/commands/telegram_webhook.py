"""Tell Telegram where to post what people do with our bot."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from delivery.transports.telegram import bot, preflight, receipts
from lib.http.safe_fetch import FetchFault


class Command(BaseCommand):
    help = "Tell Telegram where to post that somebody linked or left the bot. Run it again when the address or TELEGRAM_SECRET changes."

    def handle(self, *args: Any, **options: Any) -> None:
        """Set the webhook of the bot."""
        if not settings.TELEGRAM_TOKEN:
            raise CommandError(
                "TELEGRAM_TOKEN is not set, so there is no bot. See docs/operating/channels/telegram.md."
            )
        address = preflight.webhook()
        talk = bot.Bot()
        try:
            said = talk.call(
                "setWebhook",
                url=address,
                secret_token=settings.TELEGRAM_SECRET,
                allowed_updates=list(receipts.KINDS),
            )
        except FetchFault as fault:
            raise CommandError(f"Telegram could not be reached ({fault.code}). Nothing was changed.") from fault
        finally:
            talk.close()
        if not said.is_done:
            raise CommandError(f"Telegram refused: {said.status} {said.words}")
        self.stdout.write(f"Telegram posts to {address} now.")
