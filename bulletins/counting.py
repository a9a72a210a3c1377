"""How long a text is, as each platform counts."""

import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from campaigns.models import PlatformLimit

from .models import Variant

# Which text of a variant each limit is about.
FIELDS = {
    ("instagram", "caption"): "caption",
    ("instagram", "hashtags"): "hashtags",
    ("instagram", "alt_text"): "alt_text",
    ("tiktok", "video_caption"): "caption",
    ("tiktok", "photo_title"): "title",
    ("youtube", "title"): "title",
    ("youtube", "description"): "caption",
    ("facebook", "post"): "caption",
    ("x", "post"): "caption",
    ("threads", "post"): "caption",
    ("snapchat", "post"): "caption",
}

# What staff call the text that a limit is about.
LABELS = {
    "caption": gettext_lazy("caption or description"),
    "title": gettext_lazy("title"),
    "hashtags": gettext_lazy("hashtags"),
    "alt_text": gettext_lazy("text alternative of the picture"),
}

Counted = PlatformLimit.CountedIn


def length(value: str | Sequence[str], counted_in: str) -> int:
    """
    Return the length of a text (or the number of items) in the unit `counted_in`, one of PlatformLimit.CountedIn.

    Raise ValueError for a unit that does not measure text.
    """
    if counted_in == Counted.ITEMS:
        return len(value)
    text = value if isinstance(value, str) else " ".join(value)
    if counted_in == Counted.CODE_POINTS:
        return len(text)
    if counted_in == Counted.UTF16_UNITS:
        return len(text.encode("utf-16-le")) // 2
    if counted_in == Counted.UTF8_BYTES:
        return len(text.encode())
    if counted_in == Counted.UTF8_EMOJI:
        return sum(len(sign.encode()) if unicodedata.category(sign) == "So" else 1 for sign in text)
    if counted_in == Counted.X_WEIGHTED:
        return sum(1 if is_light_on_x(sign) else 2 for sign in unicodedata.normalize("NFC", text))
    raise ValueError(f"Text is not counted in {counted_in}.")


def is_light_on_x(sign: str) -> bool:
    """Tell whether X counts a character as one (twitter-text, configuration version 3)."""
    point = ord(sign)
    return point <= 0x10FF or 0x2000 <= point <= 0x200D or 0x2010 <= point <= 0x201F or 0x2032 <= point <= 0x2037


def current_limits() -> dict[tuple[str, str], PlatformLimit]:
    """Return the newest limit of each (platform, field); one query."""
    newest: dict[tuple[str, str], PlatformLimit] = {}
    for limit in PlatformLimit.objects.order_by("seen_on"):
        newest[limit.platform, limit.field] = limit
    return newest


def over_limit(variant: Variant, limits: dict[tuple[str, str], PlatformLimit]) -> list[tuple[PlatformLimit, int]]:
    """Return the limits that a variant breaks, each with the length that it has."""
    broken = []
    for (platform, name), limit in limits.items():
        attribute = FIELDS.get((platform, name))
        if platform == variant.platform and attribute:
            used = length(getattr(variant, attribute), limit.counted_in)
            if used > limit.limit:
                broken.append((limit, used))
    return broken
