"""The words of a bulletin for each platform, to edit and copy, counted as the platform counts."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bulletins.models import Platform, PublishedEdition
from campaigns.models import PlatformLimit
from campaigns.platforms import character_counts, platform_limits

from .bulletin_entries import one_line, plain

# What static/js/count.js counts in the browser; other units only the platform itself can count.
LIVE_UNITS = {
    PlatformLimit.CountedIn.CODE_POINTS,
    PlatformLimit.CountedIn.UTF16_UNITS,
    PlatformLimit.CountedIn.UTF8_BYTES,
    PlatformLimit.CountedIn.UTF8_EMOJI,
    PlatformLimit.CountedIn.X_WEIGHTED,
    PlatformLimit.CountedIn.SMS_PARTS,
    PlatformLimit.CountedIn.ITEMS,
}
SHORT_LINE = 36  # characters that a one-line field shows whole on a phone
HASHTAG = re.compile(r"#\w+")


@dataclass(frozen=True, slots=True)
class Field:
    """
    Words for a platform, to edit and copy. With a `limit` (in `unit`), `used` is what the words take of it;
    `used` is None when only the platform itself can count.
    """

    id: str
    label: str
    value: str
    lines: int = 1
    limit: int | None = None
    unit: str = ""
    used: int | None = None

    @property
    def is_over(self) -> bool:
        """Return whether the words do not fit on the platform."""
        return self.limit is not None and self.used is not None and self.used > self.limit

    @property
    def is_said(self) -> bool:
        """Return whether it is what followers read: until when it holds goes along with it."""
        return self.id.endswith("-caption")

    @property
    def shown_used(self) -> int:
        """How far the meter goes."""
        return min(self.used or 0, self.limit or 0)


@dataclass(frozen=True, slots=True)
class CopyButton:
    """A button that copies the fields whose selectors are `ids`. `is_main` for the first of a group."""

    ids: str
    label: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """The words of a bulletin for one platform."""

    slug: str
    name: str
    fields: list[Field]
    buttons: list[CopyButton]


def channels(edition: PublishedEdition) -> list[Channel]:
    """Return the edition's words for each platform, with the newest known limits; one query."""
    variants = edition.content.get("variants", [])
    limits = platform_limits.current_limits() if variants else {}
    has_picture = any(asset.get("kind") == "image" for asset in edition.content.get("assets", []))
    every = (channel(variant, limits, has_picture=has_picture) for variant in variants)
    return [found for found in every if found.fields]


def channel(
    variant: dict[str, Any], limits: dict[tuple[str, str], PlatformLimit], *, has_picture: bool = True
) -> Channel:
    """Return one platform's fields and the buttons that copy them; a text alternative only where there is a picture."""
    slug = plain(variant.get("platform"))
    names = dict(Platform.choices)
    hashtags = [plain(tag) for tag in variant.get("hashtags", [])]
    tags = [plain(tag) for tag in variant.get("tags", [])]
    caption_label = _("Video description") if slug in {"tiktok", "youtube"} else _("Caption")
    title_label = _("Title of a picture post") if slug == "tiktok" else _("Title")
    wanted = [
        ("title", title_label, one_line(variant.get("title")), False),
        ("caption", caption_label, plain(variant.get("caption")), True),
        ("hashtags", _("Hashtags"), " ".join(hashtags), False),
        ("tags", _("Tags"), ", ".join(tags), False),
        ("script", _("Script for a video"), plain(variant.get("script")), True),
        ("alt_text", _("Alt text for the picture"), plain(variant.get("alt_text")), True),
    ]
    fields = {
        name: field_of(f"{slug}-{name}", label, value, is_long, limit_of(slug, name, limits))
        for name, label, value, is_long in wanted
        if value and (has_picture or name != "alt_text")
    }
    return Channel(slug, names.get(slug, slug), list(fields.values()), buttons(fields, hashtags))


def field_of(id_: str, label: str, value: str, is_long: bool, limit: PlatformLimit | None) -> Field:
    """Return a field with its first count, in the unit that the platform counts in."""
    lines = 1 + sum(1 + len(line) // 60 for line in value.split("\n")) if is_long else 1 + (len(value) > SHORT_LINE)
    if limit is None:
        return Field(id_, label, value, lines)
    if limit.counted_in not in LIVE_UNITS:
        return Field(id_, label, value, lines, limit.limit)
    if limit.counted_in == PlatformLimit.CountedIn.ITEMS:
        return Field(id_, label, value, lines, limit.limit, "hashtags", len(HASHTAG.findall(value)))
    if limit.field == "tags":
        used = character_counts.length([tag.strip() for tag in value.split(",")], limit.counted_in)
        return Field(id_, label, value, lines, limit.limit, "tags", used)
    return Field(
        id_, label, value, lines, limit.limit, limit.counted_in, character_counts.length(value, limit.counted_in)
    )


def limit_of(slug: str, name: str, limits: dict[tuple[str, str], PlatformLimit]) -> PlatformLimit | None:
    """Return the newest limit of a platform's field, or None."""
    places = (place for place, attribute in platform_limits.FIELDS.items() if place[0] == slug and attribute == name)
    return next((limits[place] for place in places if place in limits), None)


def buttons(fields: dict[str, Field], hashtags: list[str]) -> list[CopyButton]:
    """Return the copy buttons of a platform: the whole post first, then its other parts."""
    found = []
    caption, tags = fields.get("caption"), fields.get("hashtags")
    if caption and tags and not all(tag in caption.value.split() for tag in hashtags):
        found.append(CopyButton(f"#{caption.id} #{tags.id}", _("Copy text and hashtags"), is_main=True))
        found.append(CopyButton(f"#{caption.id}", _("Text only"), is_main=False))
    elif caption:
        found.append(CopyButton(f"#{caption.id}", _("Copy the text"), is_main=True))
    labels = {
        "title": pgettext("copy button", "Title"),
        "tags": pgettext("copy button", "Tags"),
        "script": pgettext("copy button", "Script"),
        "alt_text": pgettext("copy button", "Alt text"),
    }
    found += [
        CopyButton(f"#{fields[name].id}", label, is_main=not found) for name, label in labels.items() if name in fields
    ]
    return found
