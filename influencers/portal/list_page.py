"""All bulletins, the latest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator

from bulletins.models import Version
from campaigns.models import Campaign
from influencers.editions.bulletin_entries import Entry, editions_of, entry
from influencers.models import Influencer
from influencers.profiles.contact_person import Contact, contact_of

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the bulletins, with its `entries`."""

    page: Page
    entries: list[Entry]
    contact: Contact


def bulletins(influencer: Influencer, campaign: Campaign, *, number: Any, language: str, at: datetime) -> ListPage:
    """Return page `number` of the bulletins, each in the language that suits best; three queries."""
    page = Paginator(Version.objects.current(campaign, at=at), PER_PAGE).get_page(number)
    versions = list(page.object_list)
    editions = editions_of(versions, language, campaign, own=influencer.recipient.language, whole=False)
    entries = [entry(version, editions[version.pk], at=at) for version in versions if version.pk in editions]
    return ListPage(page, entries, contact_of(influencer, campaign))
