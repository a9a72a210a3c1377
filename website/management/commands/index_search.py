from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from website.search import index


class Command(BaseCommand):
    help = "Write down anew what readers can search for. Safe at any time; all of it can be found meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write down every bulletin, answer and fact-check that stands, and say how many rows there are."""
        self.stdout.write(f"{index.index_all(at=timezone.now())} texts")
