"""The personal fields of a message: the few places in its html and text that differ by recipient."""

import re
from collections.abc import Iterator, Mapping
from html import escape

from django.utils.translation import gettext as _

from delivery.models import Message

OPENS, CLOSES = "\ue000", "\ue001"
MARKER = re.compile(f"{OPENS}([a-z_]+){CLOSES}")
FIELDS = {"name", "unsubscribe_url", "read_url", "preferences_url", "portal_mark", "seen_url"}


def field(name: str) -> str:
    """Return the marker that stands for a personal field (one of FIELDS) in a message's html or text."""
    if name not in FIELDS:
        raise ValueError(f"{name} is no personal field.")
    return f"{OPENS}{name}{CLOSES}"


def uses(message: Message, name: str) -> bool:
    """Return whether a personal field stands in a message."""
    return field(name) in message.html or field(name) in message.text


def segments(content: str) -> Iterator[tuple[str, str]]:
    """Yield `content` as pairs of words and the personal field after them, "" at the end."""
    pieces = MARKER.split(content)
    for words, name in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if name and name not in FIELDS:
            raise ValueError(f"{name} is no personal field.")
        yield words, name


def filled(content: str, values: Mapping[str, str], *, in_html: bool) -> str:
    """Return a message's HTML or text with the personal fields filled in; in HTML they are escaped."""
    values = {name: escape(value) if in_html else value for name, value in values.items()} | {"": ""}
    return "".join(words + values[name] for words, name in segments(content))


def sample_values() -> dict[str, str]:
    """Return what stands for the personal fields of a message where nobody in particular reads it: words, no links."""
    return {
        "name": _("(the recipient's name)"),
        "unsubscribe_url": _("(the recipient's own link)"),
        "read_url": _("(the recipient's own link)"),
        "preferences_url": _("(the recipient's own link)"),
        "portal_mark": "",
        "seen_url": _("(the recipient's own link)"),
    }
