"""What the tests of urgent bulletins that ask to be seen stand on: one that was published, and partners in two tiers."""

from datetime import timedelta
from typing import Any

from bulletins.models import Urgency, Version
from campaigns.models import Campaign
from delivery.models import Audience
from influencers.models import Influencer, SeenRequest
from tests.support import builders
from tests.support.builders import NOON

SOON = NOON + timedelta(minutes=3)


def tiers(campaign: Campaign) -> tuple[Audience, Audience]:
    """Return the audience in close contact, and the one after it."""
    return (
        builders.build_audience(campaign, "close", tier=1),
        builders.build_audience(campaign, "wide", tier=2),
    )


def ask(campaign: Campaign, *audiences: Audience, **fields: Any) -> SeenRequest:
    """Publish an urgent bulletin that asks the partners in audiences, and return its request."""
    return SeenRequest.objects.select_related("version__bulletin", "campaign").get(
        version=publish(campaign, *audiences, **fields)
    )


def publish(campaign: Campaign, *audiences: Audience, **fields: Any) -> Version:
    """Return a published urgent version that goes to audiences."""
    values = {"urgency": Urgency.URGENT, "asks_seen": True}
    return builders.published(builders.build_bulletin(campaign, audiences=audiences, **values | fields))


def partner(campaign: Campaign, name: str, audience: Audience | None, **fields: Any) -> Influencer:
    """Return a partner in an audience."""
    return builders.build_influencer(campaign, name, audience=audience, **{"language": "en"} | fields)
