"""Addresses that must not be written to again."""

from datetime import datetime

from delivery.models import Suppression
from delivery.models.sends import DeliveryQuerySet
from delivery.transports.server_replies import is_missing_address as is_missing_address

# Why an address was suppressed and what ends when its owner proves it anew: they were erased or had complained and want
# messages again, or it did not exist and does now. What staff have blocked, only staff lift.
LIFTED = (Suppression.Reason.ERASED, Suppression.Reason.COMPLAINT, Suppression.Reason.NO_SUCH_ADDRESS)


def suppress_missing(rows: DeliveryQuerySet, *, code: str, at: datetime) -> int:
    """
    Suppress the addresses of these rows when the server's `code` says that they don't exist; return how many.

    Other refusals (policy, content, a full mailbox) say nothing about the address.
    """
    if not is_missing_address(code):
        return 0
    hashes = rows.values_list("recipient__address_hash", flat=True)
    made = [
        Suppression(address_hash=value, reason=Suppression.Reason.NO_SUCH_ADDRESS, since=at, note=code)
        for value in hashes
    ]
    Suppression.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)
