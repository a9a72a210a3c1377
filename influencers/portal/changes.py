"""What changed between two versions of a bulletin, word by word."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from bulletins.editing.diff import Matcher
from bulletins.models import PublishedEdition

from .parts import plain

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


def word_changes(before: str, now: str) -> list[tuple[str, str]]:
    """
    Return the words of both as ("same" | "before" | "now", words) parts; as two wholes when little is left.

    A changed word takes the next one along, so that it reads "13 April, 19 April" and not "13, 19 April".
    """
    if not before or not now:
        return [(kind, text) for kind, text in (("before", before), ("now", now)) if text]
    old, new = before.split(), now.split()
    matcher = Matcher(old, new)
    if matcher.ratio() < 0.5:
        return [("before", before), ("now", now)]
    parts = []
    taken = 0  # words of an equal run that the change before it has taken along
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            parts.append(("same", " ".join(old[a + taken : b])))
            taken = 0
            continue
        taken = 1 if tag == "replace" and b < len(old) and d < len(new) else 0
        parts += [("before", " ".join(old[a : b + taken])), ("now", " ".join(new[c : d + taken]))]
    return [(kind, text) for kind, text in parts if text]
