"""The campaign's long texts: the code of ethics and the handbook."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from campaigns.models import Campaign
from influencers.models import Handbook, Influencer, PledgeText
from lib.text.markup import to_html

from .parts import Contact, contact_of, preference


@dataclass(frozen=True, slots=True)
class TextPage:
    """A text of the campaign: the code of ethics or the handbook. `text` is None when there is none yet."""

    contact: Contact
    text: PledgeText | Handbook | None
    html: SafeString


def handbook(influencer: Influencer, campaign: Campaign, *, language: str) -> TextPage:
    """Return the newest handbook in `language`; one query."""
    text = in_best_language(Handbook.objects.filter(campaign=campaign), language, campaign)
    return TextPage(contact_of(influencer, campaign), text, to_html(text.body) if text else SafeString())


def in_best_language(texts: Any, language: str, campaign: Campaign) -> Any:
    """Return the newest version of the text that suits `language` best, or None; one query."""
    rows = list(texts.order_by("-version", "pk"))
    return min(rows, key=lambda row: (preference(language, campaign, row.language), -row.version), default=None)
