"""
Mail that a measured seed address forwards to us (delivery/seeds/seed_forwarding.py): it says when that inbox had it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from email.utils import parsedate_to_datetime

from delivery.message import verp
from delivery.message.headers import DELIVERED_TO
from delivery.models import SeedArrival
from lib.mail_addresses import canonical

from .seed_forwarding import seed_of

SAYS_TO = {name.lower() for name in DELIVERED_TO}
ROUNDED = timedelta(seconds=1)  # what a Received header leaves out of a moment


def take(mail: Mail, addresses: Sequence[str], *, at: datetime) -> bool:
    """
    Note that a mail of ours has arrived, if a seed address forwarded it; return whether it was forwarded. The first
    counts. Of a mail that is not from a send nothing is kept.
    """
    found = seed_of(addresses)
    if found is None:
        return False
    pk, folder = found
    arrival = SeedArrival.objects.filter(seed=pk, handed_over_at__isnull=False).select_related("seed")
    key = verp.arrival_of_message_id(str(mail.get("Message-ID", "")))
    if key is not None:
        one = arrival.filter(pk=key).first()
    else:  # some providers write a Message-ID of their own
        mailing = str(mail.get("Feedback-ID", "")).partition(":")[0].strip()
        is_key = re.fullmatch(r"[1-9][0-9]{0,17}", mailing)
        waiting = arrival.filter(send__mailing=int(mailing), arrived_at=None) if is_key else arrival.none()
        one = waiting.order_by("handed_over_at", "pk").first()
    if one is not None:
        SeedArrival.objects.filter(pk=one.pk, arrived_at=None).update(
            arrived_at=arrived_at(mail, one, at=at), folder=folder
        )
    return True


def arrived_at(mail: Mail, arrival: SeedArrival, *, at: datetime) -> datetime:
    """
    Return when the mail was in the inbox: as the server of the inbox says, in the last Received header before it
    delivered there. Where it does not say, or says what its clock cannot know (before the mail left, after it came to us), when
    it came to us.
    """
    handed_over = arrival.handed_over_at or at
    says = received_at(mail, arrival.seed.email)
    if says is None or not handed_over - ROUNDED <= says <= at:
        return max(at, handed_over)
    return max(says, handed_over)


def received_at(mail: Mail, email: str) -> datetime | None:
    """Return what the newest Received header says below the one by which the mail was delivered to `email`."""
    delivered = False
    for name, value in mail.items():
        if name.lower() in SAYS_TO:
            delivered = delivered or canonical(str(value).strip().strip("<>")) == canonical(email)
        elif delivered and name.lower() == "received":
            try:
                moment = parsedate_to_datetime(str(value).rpartition(";")[2].strip())
            except (ValueError, TypeError, OverflowError):
                return None
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
