"""
Someone's way in, changed by someone else: another address, another password. Whoever has either could be in, so it is
written down, it ends the person's sessions, and they are told where they were known before. Of an account that one
administrator alone may not change (safeguard) it is put back as it was, and waits.
"""

from datetime import datetime
from functools import partial

from allauth.account.adapter import get_adapter
from django.db import transaction

from accounts.audit import trail
from accounts.models import User
from accounts.sessions import activity

from . import two_administrators


def record_new_address(user: User, before: str, *, by: User | None, at: datetime, at_once: bool = False) -> bool:
    """
    Settle that `by` has given someone another address; the one before is notified. Return whether it counts now: else
    it waits. In the deed's transaction.
    """
    if not at_once and two_administrators.holds(user, by, at=at):
        two_administrators.hold_change(user, two_administrators.Kind.ADDRESS, by=by, at=at, email=user.email)
        user.email = before
        user.save(update_fields=["email"])
        return False
    user.mailbox_proven_at = None
    user.save(update_fields=["mailbox_proven_at"])
    activity.end_all(user)
    trail.note("user.address_changed", user, by=by, at=at, **two_administrators.agreed_by_two(by, at_once))
    notify("address_changed", user, before)
    return True


def record_new_password(user: User, before: str, *, by: User | None, at: datetime, at_once: bool = False) -> bool:
    """
    Settle that `by` has given someone another password than the one whose hash is `before`, or taken it away. Return
    whether it counts now: else it waits. In the deed's transaction.
    """
    if not at_once and two_administrators.holds(user, by, at=at):
        two_administrators.hold_change(user, two_administrators.Kind.PASSWORD, by=by, at=at, password=user.password)
        user.password = before
        user.save(update_fields=["password"])
        return False
    activity.end_all(user)
    trail.note("user.password_changed", user, by=by, at=at, **two_administrators.agreed_by_two(by, at_once))
    notify("password_set", user, user.email)
    return True


def notify(what: str, user: User, address: str) -> None:
    """Send the mail when the transaction is through."""
    send = partial(get_adapter().send_notification_mail, what, user, email=address)
    transaction.on_commit(send, robust=True)
