"""
Giving and taking a role that holds in one campaign. What one administrator alone may not give or take waits for a second one, as
with roles that hold for the whole site (accounts.access.two_administrators).
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import campaign_roles, role_grants, two_administrators
from accounts.access.roles import STAFF
from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign, CampaignRole


class NotGiven(Exception):
    """A role that was not given. The text says why and what now, in the user's language."""


@transaction.atomic
def give(
    campaign: Campaign, email: str, roles: Collection[str], *, name: str = "", by: User | None, at: datetime
) -> tuple[User, list[str]]:
    """
    Give someone roles in a campaign, by their address, with the way to the desk; whoever has no account yet gets one. Return the
    person, and which of the roles wait for a second administrator. Raise NotGiven for an account that is closed.
    """
    address = email.strip().lower()
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, name=name)
        trail.note("user.added", user, by=by, at=at)
    elif not user.is_active:
        raise NotGiven(_("Not given: this person's account is closed. An administrator of the site can open it again."))
    with role_grants.changing(user, by=by, at=at):
        two_administrators.set_flags(user, {"is_staff": True}, True)
        campaign_roles.give(user, [f"{campaign.pk}:{role}" for role in roles])
    held = set(CampaignRole.objects.filter(user=user, campaign=campaign).values_list("role", flat=True))
    return user, [role for role in roles if role not in held]


@transaction.atomic
def take(row: CampaignRole, *, by: User | None, at: datetime) -> bool:
    """
    Take a role in a campaign away; with the last role that leads to the desk its door closes too. Return whether it is gone: else
    it waits for a second administrator.
    """
    user, name = row.user, f"{row.campaign_id}:{row.role}"
    with role_grants.changing(user, by=by, at=at):
        campaign_roles.take(user, [name])
    if name in campaign_roles.names_of(user):
        return False
    if not has_other_ways_in(user):
        with role_grants.changing(user, by=by, at=at):
            two_administrators.set_flags(user, {"is_staff": True}, False)
    return True


def has_other_ways_in(user: User) -> bool:
    """Return whether someone has anything to do at the desk; four queries at most."""
    return (
        user.is_superuser
        or CampaignRole.objects.filter(user=user).exists()
        or user.groups.filter(name__in=sorted(STAFF)).exists()
        or user.user_permissions.exists()
    )
