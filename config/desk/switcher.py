"""
The campaigns that someone at the desk may work in: the switcher over every page, once there is more than one, and for whoever may
add the second.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from accounts.access.roles import Role, roles_of
from campaigns.models import Campaign

LIVE, PREPARING, EXERCISE, CLOSED = "live", "prep", "exer", "closed"


@dataclass(frozen=True)
class Entry:
    """A campaign as the switcher shows it: `kind` is its sign, `line` what that means, `roles` what the person is there."""

    campaign: Campaign
    name: str
    kind: str
    line: str
    roles: str
    is_current: bool

    @property
    def address(self) -> str:
        """Where to post to work in it."""
        return reverse("admin:campaigns_campaign_work", args=[self.campaign.pk])


@dataclass(frozen=True)
class Switcher:
    """The campaign that someone works in, None while they chose none, and all that they may work in."""

    current: Entry | None
    entries: list[Entry]
    may_start: bool


def switcher_of(request: Any) -> Switcher | None:
    """
    Return the switcher of whoever is at the desk, None where there is nothing to switch. The names come with the query for the
    languages of the campaign that every page asks.
    """
    campaigns = getattr(request, "desk_campaigns", [])
    may_start = request.user.has_perm("preparedness.add_campaignstart")
    if len(campaigns) < 2 and not (campaigns and may_start and request.user.has_perm("campaigns.add_campaign")):
        return None
    prefetch_related_objects(campaigns, "languages")
    everywhere = roles_of(request.user)
    entries = [
        entry_of(one, {*everywhere, *request.roles_by_campaign.get(one.pk, [])}, one == request.campaign)
        for one in campaigns
    ]
    current = next((one for one in entries if one.is_current), None)
    return Switcher(current, entries, may_start)


def entry_of(campaign: Campaign, roles: Iterable[str], is_current: bool) -> Entry:
    """Return a campaign as the switcher shows it."""
    kind = kind_of(campaign)
    held = [str(role.label) for role in Role if role.value in roles]
    says = gettext("You: %(roles)s") % {"roles": ", ".join(held)} if held else ""
    return Entry(campaign, campaign.named(), kind, line_of(campaign, kind), says, is_current)


def kind_of(campaign: Campaign) -> str:
    """Return which sign a campaign has."""
    if campaign.closed_at:
        return CLOSED
    if campaign.published_at is None:
        return PREPARING
    return EXERCISE if campaign.is_exercise else LIVE


def line_of(campaign: Campaign, kind: str) -> str:
    """Return what the sign of a campaign means."""
    if kind == CLOSED:
        day = date_format(campaign.local(campaign.closed_at), "DATE_FORMAT")  # type: ignore[arg-type]  # it is closed
        return gettext("Closed %(date)s, read only") % {"date": day}
    if kind == PREPARING:
        return gettext("Preparing: readers cannot see it")
    return gettext("Exercise: reaches no real inbox") if kind == EXERCISE else pgettext("campaign", "Live")
