"""What would not fit: variants on their platform, key messages on a card."""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.translation import gettext as _

from bulletins.editing.variants import seen_line
from campaigns.platforms import platform_limits
from delivery.transports.sms import parts

from .findings import ADVICE, STOPS, Finding, Workspace, at_tone, language_name, of_message, of_tone


def too_long(desk: Workspace) -> Iterator[Finding]:
    """Find variants that their platform would not take; campaigns.platforms.platform_limits says which limits stop a text."""
    for edition in desk.editions:
        for variant in edition.variants.all():
            added = parts.as_sent(seen_line(desk.bulletin, variant.platform, edition.language))
            for limit, length in platform_limits.over_limit(variant, desk.limits, added=added):
                name = platform_limits.FIELDS[limit.platform, limit.field]
                yield Finding(
                    STOPS,
                    "too-long",
                    f"{language_name(edition.language)}, {variant.get_platform_display()}",
                    _("%(platform)s allows %(limit)d in %(field)s; this has %(length)d.")
                    % {
                        "platform": variant.get_platform_display(),
                        "limit": limit.limit,
                        "field": platform_limits.LABELS[name],
                        "length": length,
                    },
                    _("Shorten it."),
                    place=f"variant:{edition.language}:{variant.platform}:{name}",
                    found=limit.field,
                )


def too_long_for_card(desk: Workspace) -> Iterator[Finding]:
    """Find key messages that a card has no room for."""
    for message in desk.messages:
        tones = [(tone, code, text) for tone, texts in message.tones.items() for code, text in texts.items()]
        for tone, code, text in [*(("", code, text) for code, text in message.text.items()), *tones]:
            if text.strip() and fills_more_than_a_card(text, code):
                yield Finding(
                    ADVICE,
                    "long-for-card",
                    of_tone(message, tone, code) if tone else of_message(message, code),
                    _("It is too long for a message card."),
                    _("Shorten it, or split it into two key messages."),
                    place=at_tone(message, tone, code) if tone else f"message:{message.pk}:{code}",
                    found=text,
                )


@lru_cache(maxsize=2048)
def fills_more_than_a_card(text: str, language: str) -> bool:
    """Return whether a text is too long for the smallest card. Setting it takes milliseconds, so it is done once."""
    from bulletins.media import message_cards  # loads the fonts

    return bool(message_cards.too_long(text, language))
