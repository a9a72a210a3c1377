from typing import Any

from django.core.management.base import BaseCommand

from website.check_text import passages


class Command(BaseCommand):
    help = "Write anew what published bulletins are recognised by on the page Check a text. Safe at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the passages of every published edition, and say how many there are."""
        self.stdout.write(f"{passages.index_all()} passages")
