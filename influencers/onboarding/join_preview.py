"""What somebody who thinks about joining gets to see of it: the newest bulletin that holds, with its card."""

from datetime import datetime

from bulletins.media import message_cards
from bulletins.reader_view import published_versions
from campaigns.models import Campaign
from influencers.editions.bulletin_entries import Entry, entry, with_cards


def newest_that_holds(campaign: Campaign, *, language: str, at: datetime) -> Entry | None:
    """Return the newest public bulletin that holds, with its cards, in a language or the campaign's; or None. Few queries."""
    rows = published_versions.listed(campaign, at=at)
    found = published_versions.newest_that_holds(rows, language=language, fallback=campaign.default_language, at=at)
    if found is None:
        return None
    found.bulletin.campaign = campaign
    cards = message_cards.published_cards(found.version, language=found.edition.language, at=at)
    return with_cards(entry(found.version, found.edition, at=at), cards)
