"""What readers can subscribe to: how often, about what, in which language, and the words that they agree to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.models import Cadence, Urgency
from bulletins.scheduling import cadences
from campaigns.models import Campaign, Topic
from delivery.models import Audience, Subscription
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
    """
    A digest that readers can have: its audience, how often it comes, and when next (at once: None), if only in some hours of
    the day, in which; and whether it tells only what is urgent.
    """

    audience: Audience
    every: str
    next_at: datetime | None
    hours: tuple[time, time] | None = None
    only_urgent: bool = False

    @property
    def how_often(self) -> str:
        """How often it comes, in the reader's language."""
        return _("Only urgent") if self.only_urgent else str(HOW_OFTEN[Cadence.Every(self.every)])

    @property
    def when(self) -> str:
        """When it comes next, in the reader's language and the campaign's zone."""
        if self.only_urgent and self.next_at is None:
            return _("immediately and at any hour; corrections too")
        if self.next_at is None:
            if self.hours is None:
                return _("as soon as something is published")
            return _("as soon as something is published, between %(from)s and %(to)s; urgent bulletins at any hour") % {
                "from": time_format(self.hours[0]),
                "to": time_format(self.hours[1]),
            }
        local = self.audience.campaign.local(self.next_at)
        return _("next on %(day)s at %(time)s") % {
            "day": date_format(local, "DATE_FORMAT"),
            "time": date_format(local, "TIME_FORMAT"),
        }


def offers_of(campaign: Campaign, *, at: datetime) -> list[Offer]:
    """Return the digests of a campaign that go on, the most frequent first, only what is urgent last; two queries."""
    audiences = Audience.objects.filter(campaign=campaign, kind=Audience.Kind.DIGEST).prefetch_related("cadences")
    offers = []
    for audience in audiences:
        audience.campaign = campaign
        rows = list(audience.cadences.all())  # type: ignore[attr-defined]  # mypy: no related names
        only_urgent = bool(rows) and all(cadence.only_urgency for cadence in rows)
        urgency = Urgency.URGENT if only_urgent else ""
        for slot, cadence in cadences.next_slots(rows, after=at, urgency=urgency, count=1):
            at_once = cadence.every == Cadence.Every.IMMEDIATE
            next_at, hours = (None, hours_of(cadence)) if at_once else (slot, None)
            offers.append(Offer(audience, cadence.every, next_at, hours, only_urgent))
    order = list(HOW_OFTEN)
    return sorted(
        offers, key=lambda offer: (offer.only_urgent, order.index(Cadence.Every(offer.every)), offer.audience.slug)
    )


def can_be_narrowed(subscription: Subscription, at: datetime) -> bool:
    """Return whether there is a digest of what is urgent that a subscriber has not chosen."""
    offers = offers_of(subscription.campaign, at=at)
    return any(offer.only_urgent and offer.audience.pk != subscription.audience_id for offer in offers)


def hours_of(cadence: Cadence) -> tuple[time, time] | None:
    """Return from when to when a cadence sends, midnight where it has no limit; None for the whole day."""
    if cadence.not_before is None and cadence.not_after is None:
        return None
    return cadence.not_before or time(0), cadence.not_after or time(0)


def usual(offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that is chosen unless someone chooses."""
    return next((offer for offer in offers if offer.every == USUAL), offers[0] if offers else None)


def topics_of(campaign: Campaign, *, at: datetime) -> list[Topic]:
    """Return the topics that someone can subscribe to, by name; one query."""
    return topic_choices.topics_of(campaign, at=at)[:MOST_TOPICS]
