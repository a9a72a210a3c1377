"""
Taking what collectors know, one measure at a time beside the pages. Whatever fails leaves a gap and says why, and is tried again
after six hours.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from impact.measures import snapshots
from impact.measures.snapshots import NotTaken, Reading
from impact.models import Measure, Snapshot, Source

from . import bluesky, mastodon, media_cloud, media_feed, youtube
from .collector import Collector, Counted, NotCollected

log = logging.getLogger(__name__)

AGAIN = timedelta(hours=6)  # between two questions about one measure
BACK = 7  # days that are filled in after days without an answer
FORGET_AT_ONCE = 1_000  # snapshots

NO_KEY = gettext_noop("There is no key: whoever runs the site sets %(name)s.")
NOT_ASKABLE = gettext_noop("It can't be asked about this: “%(what)s”.")
NO_DAY_KNOWN = gettext_noop("The service knows of none of the last days.")
IMPOSSIBLE = gettext_noop("What was answered cannot be a value of this measure.")

# By what the setting COLLECTORS and a measure call them.
COLLECTORS: dict[str, Collector] = {
    "bluesky": bluesky.COLLECTOR,
    "mastodon": mastodon.COLLECTOR,
    "media-cloud": media_cloud.COLLECTOR,
    "youtube": youtube.COLLECTOR,
}


def take_due(*, at: datetime) -> int:
    """Take the measure whose turn it is; return how many days of it were. One query when none is due."""
    from_feeds = Q(source=Source.FEED) & ~Q(feed_url="")
    asked = Q(source=Source.ASKED, collector__in=settings.COLLECTORS)
    measures = Measure.objects.taken().filter(from_feeds | asked, campaign__closed_at=None)
    due = (
        measures.filter(Q(tried_at=None) | Q(tried_at__lte=at - AGAIN)).select_related("campaign").order_by("tried_at")
    )
    measure = due.first()
    return take(measure, at=at) if measure else 0


def take(measure: Measure, *, at: datetime) -> int:
    """Take the days of a measure that can be known by now and have no value yet; return how many were."""
    Measure.objects.filter(pk=measure.pk).update(tried_at=at)
    days = days_without(measure, at=at)
    if not days:
        return 0
    try:
        counted = collected(measure, days)
        with transaction.atomic():
            for day, (value, of_all) in counted.items():
                snapshots.take(Reading(measure, day, value, of_all), source=Source(measure.source), by=None, at=at)
    except NotCollected as fault:
        note_fault(measure, fault.says, fault.values)
        return 0
    except NotTaken:
        note_fault(measure, IMPOSSIBLE, {})
        return 0
    return len(counted)


def note_fault(measure: Measure, says: str, values: Mapping[str, str | int]) -> None:
    """Keep why a measure could not be taken, to be said in the language of whoever reads it."""
    Measure.objects.filter(pk=measure.pk).update(fault=says[:300], fault_values=dict(values))


def collected(measure: Measure, days: Sequence[date]) -> dict[date, Counted]:
    """Return what a feed or a service knows of days. Raise NotCollected where it knows of none."""
    if measure.source == Source.FEED:
        return media_feed.collect(measure, days)
    collector = COLLECTORS[measure.collector]
    key = getattr(settings, collector.key_setting) if collector.key_setting else ""
    if collector.key_setting and not key:
        raise NotCollected(NO_KEY, name=collector.key_setting)
    try:
        collector.check(measure.asked_about)
    except ValueError as fault:
        raise NotCollected(NOT_ASKABLE, what=measure.asked_about) from fault
    counted = collector.collect(measure, days, key=key)
    if not counted:
        raise NotCollected(NO_DAY_KNOWN)
    return counted


def days_without(measure: Measure, *, at: datetime) -> list[date]:
    """
    Return the days that can be known and of which there is no value, the earliest first: the last ones that are over, or today where
    only how things stand now is known; one query.
    """
    today = measure.campaign.local(at).date()
    is_now = measure.source == Source.ASKED and not COLLECTORS[measure.collector].counts_days
    days = [today] if is_now else [today - timedelta(days=back) for back in range(BACK, 0, -1)]
    known = Snapshot.objects.standing().filter(measure=measure).between(days[0], days[-1])
    taken = set(known.values_list("on", flat=True))
    return [day for day in days if day not in taken]


def forget_old(*, at: datetime) -> int:
    """Forget figures that a service's terms let nobody keep any longer; return how many there were. One query a service when there are none."""
    count = 0
    for name, collector in COLLECTORS.items():
        if collector.keeps_days is not None:
            until = at - timedelta(days=collector.keeps_days)
            old = Snapshot.objects.filter(source=Source.ASKED, measure__collector=name, taken_at__lte=until)
            keys = list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE])
            if keys:
                with transaction.atomic():
                    Snapshot.objects.filter(replaces__in=keys).update(replaces=None)
                    count += Snapshot.objects.filter(pk__in=keys).delete()[0]
    return count
