"""
Making the first administrator, by whoever owns the server: a link that logs in once, within an hour, for nobody has a
second factor yet who could let them in. No mail is needed, and no password is made.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import role_grants
from accounts.access.roles import Role
from accounts.audit import trail
from accounts.models import EntryLink, User
from lib.mail_address_fields import validate_address

from . import second_factor

LASTS = timedelta(minutes=60)


class NotMade(Exception):
    """An administrator who was not made. The message says why and what to do; nothing was stored."""


def has_administrator() -> bool:
    """Return whether an administrator is there who can log in with a second factor. One query."""
    return Authenticator.objects.filter(user__in=role_grants.administrators(), type__in=second_factor.FACTORS).exists()


@transaction.atomic
def make_administrator(email: str, *, name: str = "", again: bool = False, at: datetime) -> str:
    """
    Make someone an administrator and return the token of a link that logs them in once, until `LASTS` from now; an
    earlier link of theirs works no more. `again` is for who has lost everything: their second factors go. Raise
    NotMade.
    """
    address = email.strip().lower()
    try:
        validate_address(address)
    except ValidationError as fault:
        raise NotMade(_("Email cannot reach this address: %(email)s") % {"email": email}) from fault
    if not again and has_administrator():
        raise NotMade(
            _(
                "There is already an administrator with a second factor. They create accounts under "
                "People at the desk. If they have lost their second factor, run this again with "
                "--again."
            )
        )
    user = User.objects.filter(email=address).first() or User.objects.create_user(address, name=name)
    if name and user.name != name:
        user.name = name
        user.save(update_fields=["name"])
    with role_grants.changing(user, by=None, at=at, at_once=True):
        User.objects.filter(pk=user.pk).update(is_staff=True, is_active=True)
        user.groups.add(Group.objects.get_or_create(name=Role.ADMIN.value)[0])
    if second_factor.has_factor(user):
        second_factor.reset(user, by=None, at=at, at_once=True)
    token = secrets.token_urlsafe(32)
    EntryLink.objects.update_or_create(user=user, defaults={"token_hash": hash_of(token), "until": at + LASTS})
    trail.note("user.first_admin_made", user, by=None, at=at, again=again)
    return token


def find(token: str, *, at: datetime) -> User | None:
    """Return whom a link would log in, without using it up, or None."""
    held = EntryLink.objects.filter(token_hash=hash_of(token), until__gt=at, user__is_active=True)
    link = held.select_related("user").first()
    return link.user if link else None


def use_link(token: str, *, at: datetime) -> User | None:
    """
    Use a link up and return whom it logs in. Of people who come at the same moment one gets in, the others get None.
    """
    user = find(token, at=at)
    if user is None or not EntryLink.objects.filter(token_hash=hash_of(token)).delete()[0]:
        return None
    return user


def forget_old(*, at: datetime) -> int:
    """Delete the links that work no more, and return how many."""
    deleted: int = EntryLink.objects.filter(until__lte=at).delete()[0]
    return deleted


def hash_of(token: str) -> str:
    """Return what is kept of a token: SHA-256 (hex). It is long and random, so nobody can guess it from that."""
    return hashlib.sha256(token.encode()).hexdigest()
