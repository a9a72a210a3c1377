"""Print which kinds of text need a second person, and whether docs/using/bulletins/second-person.md says the same."""

import json
import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from agreement.kinds import registered

PAGE = "docs/using/bulletins/second-person.md"
SECOND = "a second person, to exactly these words"


def rows_of_page() -> list[str]:
    """Return what the page says needs a second person, in its order."""
    text = (settings.BASE_DIR / PAGE).read_text(encoding="utf-8")
    return re.findall(rf"^\| (.+?) \| {SECOND} \|$", text, re.MULTILINE)


def unregistered() -> list[str]:
    """Return the rows of the page that no kind covers, and what kinds cover that the page does not have."""
    return sorted({name for kind in registered() for name in kind.covers} ^ {*rows_of_page()})


class Command(BaseCommand):
    """`agreement_kinds`: one JSON line."""

    help = "Print the kinds of text that a second person agrees to, and the rows of the page about them that no kind covers."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        kinds = [kind.name for kind in registered()]
        self.stdout.write(json.dumps({"kinds": kinds, "rows": rows_of_page(), "unregistered": unregistered()}))
