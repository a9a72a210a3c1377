"""Print a new pair of keys for web push."""

from typing import Any

from django.core.management.base import BaseCommand

from delivery.transports.push import vapid


class Command(BaseCommand):
    help = (
        "Print a new private key for notifications (web push), as a line for .env, and the public key that browsers get. "
        "Keep it: with another key every device has to allow notifications anew."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the pair; nothing is kept."""
        private, public = vapid.new_pair()
        self.stdout.write(f"VAPID_PRIVATE_KEY={private}")
        self.stdout.write(f"# public: {public}")
