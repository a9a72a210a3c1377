"""
Asking for the digests. The request writes one row and no more, whatever is known of the address, so that its answer and
its time tell nothing; a worker writes the mail (subscription_mails.py).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import rate_limit
from accounts.crypto.keyed_hashes import mark
from campaigns.models import Campaign
from delivery.models import Audience, SignUp
from lib import task_queue
from lib.mail_addresses import canonical

from . import topic_sets

MOST_WAITING = 500  # mails to new subscribers that were asked for from one place and are not written yet
KEPT = (
    "audience",
    "topics",
    "language",
    "text_version",
    "read_in",
    "source",
    "place",
    "network",
    "asked_at",
    "mail_due_at",
)


class TooManySignups(Exception):
    """More was asked for from one place than can be written in a day. The message says what to do; nothing was stored."""


@transaction.atomic
def request_subscription(
    campaign: Campaign,
    *,
    email: str,
    audience: Audience,
    topics: Iterable[int],
    language: str,
    text_version: str,
    source: str,
    place: str,
    at: datetime,
    read_in: str = "",
) -> None:
    """
    Note that someone at `place` wants the digests of an audience about `topics` (their keys; none: everything), sent to
    an address. What was noted of the address before is replaced; links that it has got open what is noted last.
    `read_in` is the language in which they read what they agree to, "" for that of the digest.

    Raise TooManySignups.
    """
    codes = codes_of(place)
    waiting, network = SignUp.objects.exclude(mail_due_at=None), codes["network"]
    if is_full(waiting.filter(place=codes["place"]), MOST_WAITING) or (
        network and is_full(waiting.filter(network=network), MOST_WAITING * rate_limit.PLACES_OF_A_NETWORK)
    ):
        raise TooManySignups(
            _("Very many people have subscribed from your network just now, so this was not saved. Try again tomorrow.")
        )
    row = SignUp(
        campaign=campaign,
        email=canonical(email),
        audience=audience,
        topics=topic_sets.choice_of(campaign, topics),
        language=language,
        text_version=text_version,
        read_in=read_in,
        source=source,
        **codes,
        asked_at=at,
        mail_due_at=at,
    )
    SignUp.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["campaign", "email"], update_fields=list(KEPT)
    )
    transaction.on_commit(wake, robust=True)  # the tick writes the mail if no worker can be woken


def is_full(waiting: QuerySet[SignUp], most: int) -> bool:
    """Return whether `most` rows wait, or more."""
    return waiting[:most].count() >= most


def codes_of(place: str) -> dict[str, str]:
    """Return what is kept of where a request came from: the HMAC-SHA256 (hex) of the place and of its network, if any."""
    around = rate_limit.network_of(place)
    return {"place": code_of(place), "network": code_of(around) if around else ""}


def code_of(place: str) -> str:
    """Return the HMAC-SHA256 (hex) of a place."""
    return mark("delivery.subscriptions.place", place)


def wake() -> None:
    """Ask a worker to write the mails that are due. What nobody took in a minute is forgotten: the tick does it too."""
    task_queue.wake("delivery.tasks.write_to_subscribers", queue="urgent")
