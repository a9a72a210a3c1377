"""
Telling a WebSub hub that the feeds have changed. Publications are what there is to tell; a HubPing is written for each,
and is tried until the hub has taken every feed's address, for two days at most. A hub that hears twice fetches twice.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from campaigns.http.machine_responses import hub_of, languages_of
from campaigns.http.machine_values import address
from campaigns.models import Campaign
from delivery.models import SingleMail
from delivery.single_mails.hand_over import LEFT, End, HandOver
from delivery.single_mails.queue import Queue, tried
from delivery.single_mails.worker import hand_over_due
from lib import task_queue
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


class HubPings(Queue[HubPing]):
    """What the hub is to be told. It is told once in a run of all that a campaign has published."""

    name = "hub_ping"
    title = gettext_lazy("Pings of the feed hub")
    model = HubPing
    marks = tried(sent="told_at")
    lasts = GIVEN_UP_AFTER

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at=at)
        self.told: set[int] = set()

    def due(self) -> QuerySet[HubPing]:
        """Return the pings that are due."""
        rows = HubPing.objects.filter(told_at=None, given_up_at=None, next_attempt_at__lte=self.at)
        return rows.select_related("publication__campaign").order_by("next_attempt_at", "pk")

    def campaign_of(self, row: HubPing) -> Campaign:
        """Return the campaign that has published."""
        return row.publication.campaign

    def route(self, row: HubPing) -> str:
        """Return the hub of the campaign."""
        return f"hub of {row.publication.campaign_id}"

    def hand_over(self, row: HubPing, route: str, connection: Any) -> HandOver:
        """Tell the hub of each feed, unless it was just told."""
        campaign = row.publication.campaign
        if campaign.pk in self.told:
            return LEFT
        try:
            for url in addresses(campaign):
                post(hub_of(campaign), url)
        except (safe_fetch.FetchFault, NotAccepted) as fault:
            log.warning("The hub was not told of a publication: %s", type(fault).__name__)
            return HandOver(End.AGAIN, SingleMail.Fault.AWAY, is_about_way=True)
        self.told.add(campaign.pk)
        return LEFT


def notify_hub(*, at: datetime) -> int:
    """
    Tell the hub of all that is due, and return how many publications it heard of. Not for use in a transaction: the hub
    is asked over the network.
    """
    if not settings.WEBSUB_HUB:
        return 0
    write_down(at=at)
    return hand_over_due(HubPings, at=at)


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
