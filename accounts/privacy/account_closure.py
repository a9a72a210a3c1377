"""
Closing a login for good, so that nothing tells whose it was; what someone wrote and approved keeps a neutral name.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.utils.crypto import get_random_string

from accounts.access import campaign_roles, role_grants
from accounts.access.roles import STAFF, Role
from accounts.models import EntryLink, HeldChange, Session, User, new_stamp

NOWHERE = "erased.invalid"
DESK_ROLES = [*STAFF, Role.CONTRIBUTOR, Role.PARTNER, Role.MUNICIPALITY, Role.CREATOR]


def is_colleague(user: User) -> bool:
    """Return whether someone works here, or for an authority; a query at most."""
    return user.is_staff or user.is_superuser or user.groups.filter(name__in=DESK_ROLES).exists()


def is_last_administrator(user: User) -> bool:
    """Return whether nobody else could let people in again."""
    admins = role_grants.administrators()
    return admins.filter(pk=user.pk).exists() and not admins.exclude(pk=user.pk).exists()


def close(user: User, *, by: User | None, at: datetime) -> None:
    """
    Close a login and forget whose it was, in a transaction: name, address, password, second factors, roles, sessions. A
    colleague is called "former staff 12" from now on, everyone else nothing.
    """
    name = f"former staff {user.pk}" if is_colleague(user) else ""
    with role_grants.changing(user, by=by, at=at):
        for model in (EmailAddress, Authenticator, SocialAccount, Session, EntryLink, HeldChange):
            model._default_manager.filter(user=user).delete()
        user.groups.clear()
        user.user_permissions.clear()
        campaign_roles.rows().filter(user=user).delete()
        user.email, user.name, user.language = f"erased-{get_random_string(12).lower()}@{NOWHERE}", name, ""
        user.is_active = user.is_staff = user.is_superuser = False
        user.last_login = user.mailbox_proven_at = None
        user.session_stamp = new_stamp()
        user.set_unusable_password()
        user.save()


def close_portal_login(user: User, *, by: User | None, at: datetime) -> None:
    """Close a login that was for the portal only; from a colleague's the role is taken. In a transaction."""
    if not is_colleague(user):
        close(user, by=by, at=at)
        return
    with role_grants.changing(user, by=by, at=at):
        user.groups.remove(*Group.objects.filter(name=Role.INFLUENCER))
