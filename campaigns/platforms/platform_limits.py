"""How long a text may be on each platform: the limits that apply on a day, and those that a text breaks."""

from datetime import date
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext_lazy

from ..models import PlatformLimit
from .character_counts import length

# Which text of a variant each limit is about. The first limit of a text is the one that its meter shows.
FIELDS = {
    ("instagram", "caption"): "caption",
    ("instagram", "hashtags"): "hashtags",
    ("instagram", "alt_text"): "alt_text",
    ("tiktok", "video_caption"): "caption",
    ("tiktok", "photo_title"): "title",
    ("youtube", "title"): "title",
    ("youtube", "description"): "caption",
    ("youtube", "tags"): "tags",
    ("facebook", "post"): "caption",
    ("x", "post"): "caption",
    ("threads", "post"): "caption",
    ("threads", "links"): "caption",
    ("sms", "text"): "caption",
    ("whatsapp", "text"): "caption",
    ("snapchat", "post"): "caption",
    ("mastodon", "post"): "caption",
    ("bluesky", "post"): "caption",
}

# Limits that hold without a row: of the channels that we send by ourselves. A row of a later day takes their place.
KNOWN = (
    PlatformLimit(
        platform="sms",
        field="text",
        limit=10,
        counted_in=PlatformLimit.CountedIn.SMS_PARTS,
        seen_on=date(2026, 11, 30),
        source="https://www.twilio.com/docs/messaging/api/message-resource",
    ),
    PlatformLimit(
        platform="mastodon",
        field="post",
        limit=500,
        counted_in=PlatformLimit.CountedIn.MASTODON,
        seen_on=date(2026, 11, 30),
        source="https://docs.joinmastodon.org/user/posting/#text",
    ),
    PlatformLimit(
        platform="bluesky",
        field="post",
        limit=300,
        counted_in=PlatformLimit.CountedIn.GRAPHEMES,
        seen_on=date(2026, 11, 30),
        source="https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json",
    ),
    # A template has 1,024 with its own words.
    PlatformLimit(
        platform="whatsapp",
        field="text",
        limit=800,
        counted_in=PlatformLimit.CountedIn.CODE_POINTS,
        seen_on=date(2026, 11, 30),
        source="https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates",
    ),
)

# Limits of another way to post the same text: told beside it, never a reason to refuse it.
TOLD_ONLY = {("tiktok", "photo_description"): "caption", ("snapchat", "spotlight"): "caption"}

# What staff call the text that a limit is about.
LABELS = {
    "caption": gettext_lazy("caption or description"),
    "title": gettext_lazy("title"),
    "script": gettext_lazy("script"),
    "hashtags": gettext_lazy("hashtags"),
    "tags": gettext_lazy("tags"),
    "alt_text": gettext_lazy("alt text for the picture"),
}


class HasPlatform(Protocol):
    """A text for a platform, with the attributes that FIELDS names."""

    platform: Any


def current_limits(*, on: date | None = None) -> dict[tuple[str, str], PlatformLimit]:
    """Return the newest limit of each (platform, field) seen by the day `on` (default: today); one query."""
    newest = {(limit.platform, limit.field): limit for limit in KNOWN}
    for limit in PlatformLimit.objects.filter(seen_on__lte=on or timezone.localdate()).order_by("seen_on"):
        newest[limit.platform, limit.field] = limit
    return newest


def limits_of(
    platform: str, attribute: str, limits: dict[tuple[str, str], PlatformLimit]
) -> tuple[list[PlatformLimit], list[PlatformLimit]]:
    """Return the limits of a platform's text: those that stop it, and those that are only told."""
    stop, tell = (
        [
            limits[place]
            for place, name in table.items()
            if place[0] == platform and name == attribute and place in limits
        ]
        for table in (FIELDS, TOLD_ONLY)
    )
    return stop, tell


def over_limit(
    variant: HasPlatform, limits: dict[tuple[str, str], PlatformLimit], *, added: str = ""
) -> list[tuple[PlatformLimit, int]]:
    """Return the limits that a variant breaks, each with the length that it has, with what is `added` to its caption when it is sent."""
    broken = []
    for (platform, name), limit in limits.items():
        attribute = FIELDS.get((platform, name))
        if platform == variant.platform and attribute:
            value = getattr(variant, attribute)
            used = length(value + added if added and attribute == "caption" else value, limit.counted_in)
            if used > limit.limit:
                broken.append((limit, used))
    return broken
