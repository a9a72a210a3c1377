"""Of how many parts a text message is as it leaves: with the link by which somebody says that they have seen it, where it has one."""

from campaigns.platforms import sms_parts
from delivery.links import seen_links
from delivery.message.personal_fields import FIELDS, OPENS, filled


def parts_of(text: str) -> int:
    """Return of how many parts a text is for each of its readers."""
    return sms_parts.count(as_sent(text))


def as_sent(text: str) -> str:
    """Return a text with nobody's link, which is as long as anybody's."""
    if OPENS not in text:
        return text
    return filled(text, dict.fromkeys(FIELDS, "") | {"seen_url": seen_links.short_sample()}, in_html=False)
