"""What readers can subscribe to: how often, about what, in which language, and the words that they agree to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.models import Cadence
from bulletins.scheduling import cadences
from campaigns.models import Campaign, Topic
from delivery.models import Audience
from website.pages import topic_choices

PAUSES = (1, 2, 4)  # weeks
MOST_TOPICS = 12  # more are no choice any more
SOURCE = "subscription form"
# The version of the words that people agree to. It changes whenever they do.
CONSENT_TEXT = "2026-12"
CONSENT = gettext_lazy("Send me the digest by email, with corrections of what it said. I can stop it at any time.")
HOW_OFTEN = {
    Cadence.Every.IMMEDIATE: gettext_lazy("Immediately"),
    Cadence.Every.DAY: gettext_lazy("Every day"),
    Cadence.Every.WEEK: gettext_lazy("Once a week"),
    Cadence.Every.MONTH: gettext_lazy("Once a month"),
}
USUAL = Cadence.Every.WEEK


@dataclass(frozen=True, slots=True)
class Offer:
    """A digest that readers can have: its audience, how often it comes, and when next (at once: None)."""

    audience: Audience
    every: str
    next_at: datetime | None

    @property
    def how_often(self) -> str:
        """How often it comes, in the reader's language."""
        return str(HOW_OFTEN[Cadence.Every(self.every)])

    @property
    def when(self) -> str:
        """When it comes next, in the reader's language and the campaign's zone."""
        if self.next_at is None:
            return _("as soon as something is published")
        local = self.audience.campaign.local(self.next_at)
        return _("next on %(day)s at %(time)s") % {
            "day": date_format(local, "DATE_FORMAT"),
            "time": date_format(local, "TIME_FORMAT"),
        }


def offers_of(campaign: Campaign, *, at: datetime) -> list[Offer]:
    """Return the digests of a campaign that go on, the most frequent first; two queries."""
    audiences = Audience.objects.filter(campaign=campaign, kind=Audience.Kind.DIGEST).prefetch_related("cadences")
    offers = []
    for audience in audiences:
        audience.campaign = campaign
        found = cadences.next_slots(audience.cadences.all(), after=at, count=1)  # type: ignore[attr-defined]  # mypy: no related names
        if found:
            slot, cadence = found[0]
            offers.append(Offer(audience, cadence.every, None if cadence.every == Cadence.Every.IMMEDIATE else slot))
    order = list(HOW_OFTEN)
    return sorted(offers, key=lambda offer: (order.index(Cadence.Every(offer.every)), offer.audience.slug))


def usual(offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that is chosen unless someone chooses."""
    return next((offer for offer in offers if offer.every == USUAL), offers[0] if offers else None)


def topics_of(campaign: Campaign, *, at: datetime) -> list[Topic]:
    """Return the topics that someone can subscribe to, by name; one query."""
    return topic_choices.topics_of(campaign, at=at)[:MOST_TOPICS]
