"""How long a message waits that would come too soon after another to the same person, where a channel's provider limits that."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Max, Q

from delivery.models import Delivery, Send

ROUNDING = 0.1  # seconds; a row says tenths, and must not be early


def waits(send: Send, recipients: Collection[int], *, seconds: float, at: datetime) -> dict[int, float]:
    """
    Return {recipient: seconds to wait} of those to whom a message of another mailing was handed over by the channel of a send less
    than `seconds` ago; one query, and another where such mailings are on their way or ended since.
    """
    since = at - timedelta(seconds=seconds)
    others = Send.objects.filter(
        Q(finished_at=None) | Q(finished_at__gt=since),
        channel=send.channel,
        fanned_out_at__isnull=False,
        first_delivery__isnull=False,
    ).exclude(mailing=send.mailing_id)
    mailings = set(others.values_list("mailing", flat=True))
    if not mailings:
        return {}
    rows = Delivery.objects.filter(mailing__in=mailings, recipient__in=recipients, handed_off_at__gt=since)
    last = rows.order_by().values_list("recipient").annotate(Max("handed_off_at"))
    return {recipient: (moment - since).total_seconds() + ROUNDING for recipient, moment in last}
