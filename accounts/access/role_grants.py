"""
Who gets which role and who loses it. Every change of what someone may do goes through here: it is written down, and it
ends their sessions, so that nobody goes on with rights from before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.audit import trail
from accounts.models import User
from accounts.sessions import activity

from . import two_administrators
from .roles import Role
from .two_administrators import rights_of


def administrators() -> QuerySet[User]:
    """Return whoever can let people in: active, and an administrator or someone who may do everything."""
    return User.objects.filter(Q(is_superuser=True) | Q(groups__name=Role.ADMIN), is_active=True)


def record_change(user: User, before: dict[str, Any], *, by: User | None, at: datetime, at_once: bool = False) -> bool:
    """
    Write down what `by` (None: the software itself) has changed since `before`, end the person's sessions, and tell
    whether anything changed. What one administrator alone may not give or take is put back and waits (safeguard), unless two
    have agreed or the server's owner says so: `at_once`. In the deed's transaction.
    """
    after = rights_of(user)
    if after != before and not at_once and two_administrators.is_in_force():
        taken = two_administrators.loss(user, before, after, by)
        two_administrators.restore_rights(user, taken)  # first: what is given counts in an account that stays open
        held = two_administrators.excess(before, rights_of(user), by)
        two_administrators.withhold_rights(user, held)
        if taken or held:
            rights = held | ({"taken": taken} if taken else {})
            if (campaign := two_administrators.campaign_of(rights)) is not None:
                rights["campaign"] = campaign
            two_administrators.hold_change(user, two_administrators.Kind.RIGHTS, by=by, at=at, rights=rights)
            after = rights_of(user)
    if after == before:
        return False
    activity.end_all(user)
    agreed = two_administrators.agreed_by_two(by, at_once)
    trail.note("user.roles_changed", user, by=by, at=at, before=before, after=after, **agreed)
    return True


def deciders(rights: dict[str, Any]) -> QuerySet[User]:
    """
    Return who decides on a held change of `rights` ({} for one of the way into an account), each at least once: the site's
    administrators, and where it is about one campaign alone that campaign's.
    """
    may = Q(is_superuser=True) | Q(groups__name=Role.ADMIN)
    if (campaign := two_administrators.campaign_of(rights)) is not None:
        may |= Q(campaign_roles__role=Role.ADMIN, campaign_roles__campaign=campaign, is_staff=True)
    return User.objects.filter(may, is_active=True)


@contextmanager
def changing(user: User, *, by: User | None, at: datetime, at_once: bool = False) -> Iterator[None]:
    """
    Change someone's roles and marks inside: either all of it happens, with what it entails, or nothing. See `record_change`.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        before = rights_of(user)
        yield
        record_change(user, before, by=by, at=at, at_once=at_once)


def grant(user: User, role: str, *, by: User | None, at: datetime) -> None:
    """Give someone a role (one of roles.Role)."""
    with changing(user, by=by, at=at):
        user.groups.add(Group.objects.get_or_create(name=str(role))[0])
