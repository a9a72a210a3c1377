"""Writing the table of roles to the database, with what that changed in the audit log."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction

from . import audit, roles


@transaction.atomic
def sync(*, at: datetime) -> dict[str, int]:
    """
    Write the table (`roles.sync`) and return the number of permissions per role. Each role that changed gets an entry.
    Raise LookupError, and change nothing, when the table names a permission that no model has.
    """
    before = granted()
    counts = roles.sync()
    for group in Group.objects.order_by("pk"):
        was, now = before.get(group.name, set()), granted_to(group)
        if was != now:
            audit.note(
                "role.synced", group, by=None, at=at, given=sorted(now - was), taken=sorted(was - now), via="command"
            )
    return counts


def granted() -> dict[str, set[str]]:
    """Return the permissions of each role that the database has."""
    return {group.name: granted_to(group) for group in Group.objects.all()}


def granted_to(group: Group) -> set[str]:
    """Return the permissions of a role as `app.codename`; one query."""
    return {
        f"{app}.{codename}" for app, codename in group.permissions.values_list("content_type__app_label", "codename")
    }
