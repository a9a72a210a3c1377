"""Ways to help to test with: organisations, people who keep them, and offers that took the real steps."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from campaigns.models import Campaign
from stories.models import Offer, OfferVersion, Partner, PartnerMember
from stories.ways_to_help import offer_steps
from tests.support import builders
from tests.support.builders import editor, in_all, second_person


def build_partner(campaign: Campaign, name: str = "Helpers", **fields: Any) -> Partner:
    """Return an organisation of a campaign."""
    return Partner.objects.create(
        campaign=campaign, **{"name": in_all(en=name), "url": "https://helpers.example.org/"} | fields
    )


def build_keeper(partner: Partner, name: str = "pia") -> User:
    """Return somebody who keeps an organisation's ways to help."""
    user = builders.build_user(name, "partner")
    PartnerMember.objects.create(partner=partner, user=user)
    return user


def content(*, at: datetime, **fields: Any) -> dict[str, Any]:
    """Return what a way to help says: ten minutes from home until tomorrow, unless given otherwise."""
    told = {
        "title": in_all(en="Ring a neighbour"),
        "does": in_all(en="Ask whether they have water."),
        "place": {},
        "region": None,
        "from_home": True,
        "from_age": None,
        "languages": [],
        "minutes": 10,
        "is_weekly": False,
        "url": "",
        "topic": None,
        "valid_from": None,
        "valid_until": at + timedelta(days=1),
    }
    return told | fields


def build_draft(campaign: Campaign, *, at: datetime, by: User | None = None, **fields: Any) -> Offer:
    """Return a way to help that nobody has checked."""
    partner = (
        fields.pop("partner", None) or Partner.objects.filter(campaign=campaign).first() or build_partner(campaign)
    )
    return offer_steps.write(campaign, partner, content(at=at, **fields), by=by or editor(), at=at)


def build_offer(campaign: Campaign, *, at: datetime, **fields: Any) -> Offer:
    """Return a way to help that a second person has checked."""
    offer = build_draft(campaign, at=at, **fields)
    offer_steps.submit(offer, by=editor(), at=at)
    check(offer, at=at)
    offer.refresh_from_db()
    return offer


def check(offer: Offer, *, by: User | None = None, at: datetime) -> OfferVersion:
    """Check what is in review as a second person."""
    version = offer_steps.in_work(offer)
    assert version is not None
    return offer_steps.check(offer, digest=version.digest, by=by or second_person(), at=at)


def shown(campaign: Campaign, *, at: datetime) -> list[str]:
    """Return the titles that anyone sees."""
    return [one.title["en"] for one in OfferVersion.objects.shown(campaign, at=at)]
