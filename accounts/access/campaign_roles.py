"""
Roles that hold in one campaign only, beside those that hold for the whole site. The rows are the campaigns app's
(campaigns.models.CampaignRole), reached from a user as `campaign_roles`; a campaign is known here by its key.

Someone who has such roles in the campaign of the request (`enter`) has the rights of both, and reaches rows of that
campaign and no others: what a role lets them do in one campaign, they do in no other.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from .permissions import PERMISSIONS, is_held_in_a_campaign
from .roles import IN_CAMPAIGNS, Role

# What is done in a campaign that is closed: its sends are stopped, its end is written up and its archive made, its results are
# shown to everybody or taken down, and who asks for a certificate gets one.
AFTER_THE_END = frozenset(
    {
        "delivery.control_send",
        "influencers.add_certificate",
        "influencers.change_thread",
        "impact.add_archive",
        "impact.change_campaignresults",
        "impact.approve_campaignresults",
        "impact.publish_results",
    }
)


@dataclass(frozen=True)
class Here:
    """The campaign in which someone works, and the roles that they hold in it alone."""

    campaign: int
    roles: frozenset[Role]
    is_closed: bool = False

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What the roles allow in this campaign."""
        return permissions_of(self.roles)


@cache
def permissions_of(roles: frozenset[Role]) -> frozenset[str]:
    """Return what roles allow that hold in one campaign."""
    return frozenset(name for role in roles for name in PERMISSIONS[role] if is_held_in_a_campaign(name))


def enter(user: Any, campaign: int, roles: Iterable[str], *, is_closed: bool = False) -> None:
    """
    Let someone's rights be those in a campaign from now on: what they hold for the whole site, and the roles that they
    hold there. Where the campaign `is_closed`, nothing but what they may see is left of them.
    """
    user.here = Here(campaign, frozenset(Role(one) for one in roles), is_closed)


def here_of(user: Any) -> Here | None:
    """Return the campaign in which someone holds roles of its own, None for whoever works by roles of the site."""
    here: Here | None = getattr(user, "here", None)
    return here if here is not None and here.roles else None


def is_read_only(user: Any, permission: str) -> bool:
    """
    Return whether a permission is left out where someone works: of a closed campaign things are only seen, but itself is changed,
    and what comes after its end is done.
    """
    here: Here | None = getattr(user, "here", None)
    if here is None or not here.is_closed or not is_held_in_a_campaign(permission):
        return False
    app, _dot, what = permission.partition(".")
    return not (what.startswith("view_") or app in {"campaigns", "accounts"} or permission in AFTER_THE_END)


# --- Rows -----------------------------------------------------------------------------------------------------------


def rows() -> models.QuerySet[Any]:
    """Return all roles in campaigns."""
    return apps.get_model("campaigns", "CampaignRole")._default_manager.all()


def holders(permission: str, campaign: int) -> models.QuerySet[Any]:
    """Return the keys of the users who hold a permission by a role in a campaign."""
    return rows().filter(campaign=campaign, role__in=roles_with(permission)).values("user")


def strangers(people: Iterable[Any], campaign: int) -> set[int]:
    """
    Return the keys of those of some people at the desk who have roles in other campaigns only, and so know nothing of the one with
    a key; a query where there is somebody of the desk.
    """
    keys = [one.pk for one in people if one is not None and one.is_staff and not one.is_superuser]
    if not keys:
        return set()
    elsewhere = get_user_model()._default_manager.filter(pk__in=keys, campaign_roles__isnull=False)
    of_site = models.Q(groups__name__in=sorted(IN_CAMPAIGNS)) | models.Q(user_permissions__isnull=False)
    known = elsewhere.filter(of_site | models.Q(campaign_roles__campaign=campaign))
    return set(elsewhere.exclude(pk__in=known.values("pk")).values_list("pk", flat=True))


def works_with(user: Any) -> models.Q:
    """
    Return the condition on users whom someone may know of who has roles in a campaign only: whoever has a role there, or one for
    the whole site, and themselves.
    """
    here = here_of(user)
    campaign = here.campaign if here else None
    staff = models.Q(groups__name__in=sorted(IN_CAMPAIGNS)) | models.Q(is_superuser=True)
    there = models.Q(campaign_roles__campaign=campaign) | models.Q(pk=user.pk)
    return models.Q(pk__in=get_user_model()._default_manager.filter(staff | there).values("pk"))


def roles_with(permission: str) -> list[Role]:
    """Return the roles that have a permission in a campaign."""
    return [role for role in Role if role in IN_CAMPAIGNS and permission in permissions_of(frozenset({role}))]


def names_of(user: Any) -> list[str]:
    """Return someone's roles in campaigns as rights name them ("12:editor": key of the campaign, role); one query."""
    held = rows().filter(user=user).order_by("campaign", "role").values_list("campaign", "role")
    return [f"{campaign}:{role}" for campaign, role in held]


def role_in(name: str) -> str:
    """Return the role in the name of a role in a campaign."""
    return name.partition(":")[2]


def campaign_in(name: str) -> int:
    """Return the key of the campaign in the name of a role in a campaign."""
    return int(name.partition(":")[0])


def give(user: Any, names: Collection[str]) -> None:
    """Give someone roles in campaigns, as far as there are the campaigns."""
    campaigns = set(
        apps.get_model("campaigns", "Campaign")
        ._default_manager.filter(pk__in={campaign_in(one) for one in names})
        .values_list("pk", flat=True)
    )
    for name in names:
        if campaign_in(name) in campaigns:
            rows().get_or_create(user=user, campaign_id=campaign_in(name), role=role_in(name))


def take(user: Any, names: Collection[str]) -> None:
    """Take roles in campaigns away from someone."""
    for name in names:
        rows().filter(user=user, campaign=campaign_in(name), role=role_in(name)).delete()
