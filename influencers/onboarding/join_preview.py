"""What somebody who thinks about joining gets to see of it: the newest bulletin that holds, with its card."""

from datetime import datetime

from bulletins.media import message_cards
from bulletins.models import Version
from campaigns.models import Campaign
from influencers.editions.bulletin_entries import Entry, editions_of, entry, with_cards

LATEST = 8  # bulletins among which one is looked for that holds


def newest_that_holds(campaign: Campaign, *, language: str, at: datetime) -> Entry | None:
    """Return the newest public bulletin that holds, with its cards, in a language or the campaign's; or None. Few queries."""
    versions = list(Version.objects.current(campaign, at=at).order_by("-published_at", "-pk")[:LATEST])
    editions = editions_of(versions, language, campaign, own=language, whole=False)
    for version in versions:
        if version.pk not in editions or version.is_retracted:
            continue
        shown = entry(version, editions[version.pk], at=at)
        if shown.current_messages:
            version.bulletin.campaign = campaign
            cards = message_cards.published_cards(version, language=shown.edition.language, at=at)
            return with_cards(shown, cards)
    return None
