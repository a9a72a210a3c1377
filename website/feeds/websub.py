"""
Telling a WebSub hub that the feeds have changed. Publications are what there is to tell; a HubPing is written for each,
and is tried until the hub has taken every feed's address, for two days at most. A hub that hears twice fetches twice.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from campaigns.http.machine_responses import hub_of, languages_of
from campaigns.http.machine_values import address
from campaigns.models import Campaign
from lib import retries, task_queue
from lib.http import safe_fetch
from website.models import HubPing, Publication

log = logging.getLogger(__name__)

GIVEN_UP_AFTER = timedelta(hours=48)
MOST_AT_ONCE = 200  # publications for one call; the next goes on
SECONDS = 10.0  # for the hub to answer
FEEDS = ("website:rss", "website:atom", "website:json_feed", "factcheck:feed")


class NotAccepted(Exception):
    """The hub answered that it does not take an address."""


def wake() -> None:
    """Ask a worker to tell the hub. What nobody took in a minute is forgotten: the tick asks again."""
    if settings.WEBSUB_HUB:
        task_queue.wake("website.tasks.notify_hub", queue="background")


def wake_due(*, at: datetime) -> None:
    """Write down what the hub has not heard of, and wake a worker if it is to be told something at `at`."""
    if settings.WEBSUB_HUB:
        write_down(at=at)
        if HubPing.objects.filter(told_at=None, given_up_at=None, next_attempt_at__lte=at).exists():
            wake()


def write_down(*, at: datetime) -> None:
    """Write a row for each publication of the last two days that has none; two at once are harmless."""
    new = Publication.objects.filter(
        hub_ping=None,
        at__gt=at - GIVEN_UP_AFTER,
        at__lte=at,
        campaign__mode=Campaign.Mode.LIVE,
        campaign__closed_at=None,
    )
    rows = [HubPing(publication=one, next_attempt_at=at) for one in new.order_by("pk")[:MOST_AT_ONCE]]
    HubPing.objects.bulk_create(rows, ignore_conflicts=True)


def notify_hub(*, at: datetime) -> int:
    """
    Tell the hub of all that is due, and return how many publications it heard of. Not for use in a transaction: the hub
    is asked over the network.
    """
    if not settings.WEBSUB_HUB:
        return 0
    write_down(at=at)
    due = HubPing.objects.filter(told_at=None, given_up_at=None, next_attempt_at__lte=at)
    pings = [ping for ping in due.select_related("publication")[:MOST_AT_ONCE] if claim(ping, at=at)]
    told = 0
    for campaign in Campaign.objects.filter(pk__in={ping.publication.campaign_id for ping in pings}):
        mine = [ping for ping in pings if ping.publication.campaign_id == campaign.pk]
        rows = HubPing.objects.filter(pk__in=[ping.pk for ping in mine])
        try:
            for url in addresses(campaign):
                post(hub_of(campaign), url)
        except (safe_fetch.FetchFault, NotAccepted) as fault:
            log.warning("The hub was not told of %d publications: %s", len(mine), type(fault).__name__)
            rows.filter(publication__at__lte=at - GIVEN_UP_AFTER).update(given_up_at=at)
        else:
            told += rows.update(told_at=at)
    return told


def claim(ping: HubPing, *, at: datetime) -> bool:
    """Take a row for one try, and say when the next may be; return whether nobody else has it."""
    again_at = retries.next_attempt(ping.attempts, at=at)
    mine = HubPing.objects.filter(pk=ping.pk, attempts=ping.attempts, told_at=None, given_up_at=None)
    return bool(mine.update(attempts=F("attempts") + 1, next_attempt_at=again_at))


def addresses(campaign: Campaign) -> list[str]:
    """Return the addresses of the feeds that a publication of a campaign changes; one query."""
    codes = [row.code for row in languages_of(campaign)]
    found = [address(name, language=code) for code in codes for name in FEEDS]
    return [*found, settings.PUBLIC_URL + reverse("alerts")]


def post(hub: str, url: str) -> None:
    """Tell the hub that what is at `url` has changed. Raise FetchFault when it is away, NotTaken when it says no."""
    answer = safe_fetch.post(hub, {"hub.mode": "publish", "hub.url": url}, most_seconds=SECONDS)
    if not 200 <= answer.status < 300:
        raise NotAccepted(f"{url}: HTTP {answer.status}")
