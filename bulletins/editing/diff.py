"""What differs between two states of an edition, word by word."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bulletins.models import Edition, EditionRevision, PublishedEdition
from lib.text.markup import LONGEST_TEXT, html_to_text
from lib.text.revisions.word_diff import marked, near

from .drafts import FIELDS
from .editions import text_of


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: its label, and both texts in one with <ins> and <del>."""

    field: str
    label: str
    html: SafeString


def label_of(field: str) -> str:
    """Return what a field of an edition is called."""
    return capfirst(str(Edition._meta.get_field(field).verbose_name))  # type: ignore[union-attr]


def differences(before: Edition | EditionRevision | None, now: Edition | EditionRevision) -> list[Difference]:
    """Return the fields that differ between two states of an edition; `before` None is emptiness."""
    old = text_of(before) if before else dict.fromkeys(FIELDS, "")
    new = text_of(now)
    return [Difference(name, label_of(name), marked(old[name], new[name])) for name in FIELDS if old[name] != new[name]]


def since_followed(edition: Edition, original: Edition) -> list[Difference]:
    """Return what changed in the original since this translation followed it; one query, none when it is current."""
    if not edition.behind(original):
        return []
    followed = EditionRevision.objects.filter(edition=original, revision=edition.source_revision).first()
    return differences(followed, original)


def between(before: PublishedEdition, now: PublishedEdition) -> list[Difference]:
    """Return what differs between two published versions in one language, as readers see it, without Markdown's signs."""
    old, new = ({row["key"]: said(row) for row in one.content.get("key_messages", [])} for one in (before, now))
    message, actions = capfirst(_("key message")), capfirst(_("calls to action"))
    parts = [
        ("title", label_of("title"), before.title, now.title),
        ("lead", capfirst(_("lead")), before.lead, now.lead),
        *((f"message:{key}", message, old.get(key, ""), new.get(key, "")) for key in {**old, **new}),
        ("actions", actions, *("\n".join(one.content.get("calls_to_action", [])) for one in (before, now))),
        ("body", capfirst(_("text")), *(html_to_text(one.html, width=LONGEST_TEXT) for one in (before, now))),
    ]
    return [Difference(key, label, near(was, is_now)) for key, label, was, is_now in parts if was != is_now]


def said(message: dict[str, Any]) -> str:
    """Return a published key message's words, its other tones below."""
    return "\n".join((message["text"], *message.get("tones", {}).values()))
