"""Stopping a send until a person has looked, by the software itself."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from accounts.audit import trail
from delivery.models import NotPossible, Send


def hold(send: Send, reason: str, *, at: datetime) -> bool:
    """
    Hold a send and write down why (in English, from gettext_noop: it is translated where it is shown). Return whether
    this call did: someone else may just have stopped it.
    """
    with suppress(NotPossible), transaction.atomic():
        send.hold(reason)
        trail.note("send.held", send, by=None, at=at, reason=reason)
        return True
    return False
