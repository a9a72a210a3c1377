"""What presses of buttons under messages say, on whichever channel has such buttons. Apps above add their words."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import override

from delivery.models import Recipient

# By the word that a press begins with: (whose address it is, what follows the colon, when) → words for whoever pressed.
PRESSES: dict[str, Callable[[Recipient, str, datetime], str]] = {}


def take(address: Recipient | None, data: str, *, at: datetime) -> str:
    """Do what a press asks for and return what to say, in its person's language; "" for an unknown one. It counts for whoever pressed."""
    word, _colon, rest = data.partition(":")
    if word not in PRESSES or address is None or address.person is None:
        return ""
    with override(address.person.language):
        return PRESSES[word](address, rest, at)
