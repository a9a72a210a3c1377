"""What stops notifications before the first one: the key and who we say we are."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from . import vapid


def findings() -> Iterator[tuple[str, str]]:
    """Yield (what is wrong, what to do) of the settings; nothing where notifications are not set up."""
    if not settings.VAPID_PRIVATE_KEY:
        return
    try:
        vapid.key_of(settings.VAPID_PRIVATE_KEY)
    except ValueError:
        yield (
            "VAPID_PRIVATE_KEY is no key, so no device can allow notifications.",
            "Set it to what this prints: ./run manage vapid_keys",
        )
    if not settings.VAPID_CONTACT:
        yield (
            "VAPID_CONTACT is not set: push services cannot reach you when something is wrong, and some send nothing then.",
            "Set VAPID_CONTACT=desk@your.domain.",
        )
    if urlsplit(settings.PUBLIC_URL).scheme != "https":
        yield (
            "PUBLIC_URL is not https, and browsers allow notifications only there.",
            "Set PUBLIC_URL=https://your.domain, or take VAPID_PRIVATE_KEY away.",
        )
