"""
The roles of people who log in. What each of them may do is in permissions.py. Most hold for the whole site; those of
staff may hold in one campaign instead (campaign_roles.py).
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class Role(models.TextChoices):
    """The roles of people who log in. The value is the name of the group."""

    CONTRIBUTOR = "contributor", _("contributor")
    EDITOR = "editor", _("editor")
    FACT_CHECKER = "fact-checker", _("fact-checker")
    APPROVER = "approver", _("approver")
    LIAISON = "liaison", _("liaison")
    TRANSLATOR = "translator", _("translator")
    FINANCE = "finance", _("finance")
    ADMIN = "admin", _("administrator")
    INFLUENCER = "influencer", _("influencer")
    PARTNER = "partner", _("partner organisation")
    CREATOR = "creator", _("creator")
    MUNICIPALITY = "municipality", _("municipality")


STAFF = {
    Role.EDITOR,
    Role.FACT_CHECKER,
    Role.APPROVER,
    Role.LIAISON,
    Role.TRANSLATOR,
    Role.FINANCE,
    Role.ADMIN,
}
# What may hold in one campaign only. The words that translators write are the site's.
IN_CAMPAIGNS = STAFF - {Role.TRANSLATOR}


def roles_of(user: "User") -> list[Role]:
    """Return the roles that a user has for the whole site, in the order of the table. Asked for once for each user object."""
    known = vars(user)
    if "_roles" not in known:
        names = set(user.groups.values_list("name", flat=True))
        known["_roles"] = [role for role in Role if role.value in names]
    return list(known["_roles"])


def roles_here(user: Any) -> Collection[Role]:
    """Return the roles that a user has in the campaign of the request alone (campaign_roles.enter)."""
    here = getattr(user, "here", None)
    return here.roles if here is not None else ()
