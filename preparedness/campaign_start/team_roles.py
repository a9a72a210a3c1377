"""Who gets a role in the campaign of a start, as it is written: a colleague a line, "maria@example.org: editor, liaison"."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access.roles import IN_CAMPAIGNS, Role
from accounts.models import User
from campaigns.models import Campaign, CampaignRole
from campaigns.team import role_holders

Holders = Iterable[tuple[int, list[str]]]


class NotReadable(Exception):
    """Lines that cannot be read. The text says which and why, in the user's language."""


def read(text: str) -> list[tuple[int, list[str]]]:
    """Return the keys of the colleagues in some lines, each with their roles; one query. Raise NotReadable."""
    known = {
        str(word).casefold(): role.value for role in Role if role in IN_CAMPAIGNS for word in (role.value, role.label)
    }
    told: dict[str, list[str]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        address, _colon, roles = line.partition(":")
        names = [known.get(one.strip().casefold(), "") for one in roles.split(",")]
        if not all(names):
            says = _("“%(line)s”: write the address, a colon and roles, such as editor or liaison.")
            raise NotReadable(says % {"line": line})
        told.setdefault(address.strip().lower(), []).extend(names)
    staff = User.objects.filter(email__in=told, is_staff=True, is_active=True)
    keys = dict(staff.values_list("email", "pk"))
    if missing := [address for address in told if address not in keys]:
        says = _(
            "No colleague at the desk has this address: %(addresses)s. Whoever is new gets the role once the campaign is there."
        )
        raise NotReadable(says % {"addresses": ", ".join(missing)})
    return [(keys[address], list(dict.fromkeys(roles))) for address, roles in told.items()]


def as_lines(holders: Holders) -> str:
    """Return colleagues with their roles as they are written; one query."""
    told = {int(key): roles for key, roles in holders}
    people = User.objects.filter(pk__in=told, is_staff=True, is_active=True).order_by("email")
    return "\n".join(f"{one.email}: {', '.join(str(Role(role).label) for role in told[one.pk])}" for one in people)


def of_campaign(campaign: Campaign) -> list[tuple[int, list[str]]]:
    """Return who has roles in a campaign only; one query."""
    held: dict[int, list[str]] = {}
    for user, role in CampaignRole.objects.filter(campaign=campaign).order_by("pk").values_list("user", "role"):
        held.setdefault(user, []).append(role)
    return list(held.items())


def give(campaign: Campaign, holders: Holders, *, by: User, at: datetime) -> None:
    """Give colleagues their roles in a campaign, as far as `by` alone may; in a transaction."""
    told = {int(key): roles for key, roles in holders}
    for person in User.objects.filter(pk__in=told, is_staff=True, is_active=True).order_by("pk"):
        role_holders.give(campaign, person.email, told[person.pk], by=by, at=at)
