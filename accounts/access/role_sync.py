"""Writing the table of roles to the database, with what that changed in the audit log."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.audit import trail

from . import permissions


@transaction.atomic
def sync(*, at: datetime) -> dict[str, int]:
    """
    Write the table (`permissions.sync`) and return the number of permissions per role. Each role that changed gets an entry.
    Raise LookupError, and change nothing, when the table names a permission that no model has.
    """
    before = granted()
    counts = permissions.sync()
    after = granted()
    for group in Group.objects.order_by("pk"):
        was, now = before.get(group.name, set()), after[group.name]
        if was != now:
            trail.note(
                "role.synced", group, by=None, at=at, given=sorted(now - was), taken=sorted(was - now), via="command"
            )
    return counts


def granted() -> dict[str, set[str]]:
    """Return the permissions of each role that the database has, as `app.codename`; one query."""
    held: dict[str, set[str]] = {}
    columns = ("name", "permissions__content_type__app_label", "permissions__codename")
    for name, app, codename in Group.objects.values_list(*columns):
        names = held.setdefault(name, set())
        if codename:
            names.add(f"{app}.{codename}")
    return held
