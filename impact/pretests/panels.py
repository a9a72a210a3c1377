"""Which influencers a draft can be shown to, drawing some by lot, and finding those whom somebody names."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Campaign
from delivery.models import Recipient
from impact.models import PretestSeat
from influencers.models import Influencer
from lib.statistics import draws

MOST_INFLUENCERS = 20
MOST_BY_LINK = 50
RESTS = timedelta(days=7)  # whoever was asked is not drawn again before


def influencers(campaign: Campaign) -> QuerySet[Influencer]:
    """Return the active influencers of a campaign whom mail may reach."""
    reached = Recipient.objects.wanting_bulletins().filter(pk=OuterRef("recipient"))
    return Influencer.objects.filter(Exists(reached), campaign=campaign, state=Influencer.State.ACTIVE)


def draw(campaign: Campaign, size: int, *, at: datetime) -> list[int]:
    """Return the keys of recipients who are influencers, drawn by lot among those who were not asked lately, in no order."""
    lately = PretestSeat.objects.filter(recipient=OuterRef("recipient"), pretest__shown_at__gt=at - RESTS)
    keys = influencers(campaign).filter(~Exists(lately)).values_list("recipient", flat=True)
    return draws.draw(keys, size=size, seed=draws.new_seed()).drawn


def named(campaign: Campaign, names: Iterable[str]) -> tuple[list[int], list[str]]:
    """Return the keys of recipients who go by a name, an email address or a reference, and the names that are not one influencer's."""
    found: dict[str, set[int]] = {}
    rows = influencers(campaign).values_list("recipient", "name", "reference", "recipient__email")
    for key, *ways in rows:
        for way in ways:
            found.setdefault(way.casefold(), set()).add(key)
    keys: list[int] = []
    unknown: list[str] = []
    for name in names:
        mine = found.get(name.casefold(), set())
        if len(mine) == 1:
            keys += mine - set(keys)
        else:
            unknown.append(name)
    return keys, unknown
