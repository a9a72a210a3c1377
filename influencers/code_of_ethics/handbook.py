"""The handbook, as the portal shows it whole."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from campaigns.models import Campaign
from influencers.editions.language_choice import in_best_language
from influencers.models import Handbook, Influencer
from influencers.profiles.contact_person import Contact, contact_of
from lib.text.markup import to_html


@dataclass(frozen=True, slots=True)
class HandbookPage:
    """The newest handbook; `text` is None while there is none."""

    contact: Contact
    text: Handbook | None
    html: SafeString


def page(influencer: Influencer, campaign: Campaign, *, language: str) -> HandbookPage:
    """Return the newest handbook in `language`; one query."""
    text = in_best_language(Handbook.objects.filter(campaign=campaign), language, campaign)
    return HandbookPage(contact_of(influencer, campaign), text, to_html(text.body) if text else SafeString())
