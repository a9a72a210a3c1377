"""What changed between two versions of a bulletin, word by word."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from bulletins.models import PublishedEdition
from lib.text.revisions.word_diff import word_changes

from .bulletin_entries import plain

MOST_CHANGES = 6


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one place: (kind, words) parts, the kind being "same", "before" or "now"."""

    place: str
    parts: list[tuple[str, str]]


def changes(before: PublishedEdition, now: PublishedEdition) -> list[Change]:
    """Return what a reader of `before` has to unlearn: the title and the key messages, word by word."""
    found = []
    if before.title != now.title:
        found.append(Change(_("Title"), word_changes(before.title, now.title)))
    old = {message.get("key"): plain(message.get("text")) for message in before.content.get("key_messages", [])}
    for number, message in enumerate(now.content.get("key_messages", []), start=1):
        text, earlier = plain(message.get("text")), old.pop(message.get("key"), "")
        if text != earlier:
            found.append(Change(_("Key message %(number)d") % {"number": number}, word_changes(earlier, text)))
    found += [Change(_("No longer said"), [("before", text)]) for text in old.values() if text]
    return found[:MOST_CHANGES]
