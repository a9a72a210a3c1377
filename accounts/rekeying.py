"""
Somebody's way in, changed by somebody else: another address, another password. Whoever has either could be in, so it is
written down, it ends the person's sessions, and they are told where they were known before.
"""

from datetime import datetime
from functools import partial

from allauth.account.adapter import get_adapter
from django.db import transaction

from . import audit, sessions
from .models import User


def address_changed(user: User, before: str, *, by: User, at: datetime) -> None:
    """Settle that `by` has given somebody another address; the one before is told. In the deed's transaction."""
    sessions.end_all(user)
    audit.note("user.address_changed", user, by=by, at=at)
    tell("address_changed", user, before)


def password_changed(user: User, *, by: User, at: datetime) -> None:
    """Settle that `by` has given somebody another password, or taken it away. In the deed's transaction."""
    sessions.end_all(user)
    audit.note("user.password_changed", user, by=by, at=at)
    tell("password_set", user, user.email)


def tell(what: str, user: User, address: str) -> None:
    """Send the mail when the transaction is through."""
    send = partial(get_adapter().send_notification_mail, what, user, email=address)
    transaction.on_commit(send, robust=True)
