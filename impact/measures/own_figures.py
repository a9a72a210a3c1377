"""
What the site counts by itself, once a day: subscribers, what reported posts have reached so far, and how often pages were shown on the
day before. Counts, and nothing about a person.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from delivery.models import Subscription
from impact.models import Measure, Snapshot, Source
from impact.page_views import daily_views
from influencers.models import Post, PostFigures

from . import snapshots
from .snapshots import Reading

AGAIN = timedelta(minutes=30)  # between two looks at what is due


def subscribers(campaign: Campaign, *, at: datetime) -> int | None:
    """Return how many people get a digest of a campaign, paused ones too."""
    return Subscription.objects.filter(campaign=campaign, left_at=None).count()


def reached(campaign: Campaign, *, at: datetime) -> int | None:
    """Return how often reported posts were seen, by the last figures of each; None where nobody knows of any."""
    return of_posts(campaign, "reach", at=at)


def reactions(campaign: Campaign, *, at: datetime) -> int | None:
    """Return how many reactions reported posts have, by the last figures of each; None where nobody knows of any."""
    return of_posts(campaign, "reactions", at=at)


def of_posts(campaign: Campaign, name: str, *, at: datetime) -> int | None:
    """Return the sum over the last known figure of each reported post."""
    known = PostFigures.objects.filter(post=OuterRef("pk"), at__lte=at).exclude(**{name: None}).order_by("-at", "-pk")
    posts = Post.objects.filter(campaign=campaign).annotate(last=Subquery(known.values(name)[:1]))
    total: int | None = posts.aggregate(total=Sum("last"))["total"]
    return total


# By the key of the measure; another measure whose source is an own count has no counter, and waits for a value by hand.
COUNTERS: dict[str, Callable[..., int | None]] = {
    "subscribers": subscribers,
    "post-reach": reached,
    "post-reactions": reactions,
}

# Sums of a day, taken once it is over.
OF_A_DAY: dict[str, Callable[..., int | None]] = {
    "page-visits": daily_views.of_pages,
    "answer-views": daily_views.of_answers,
}
DAYS_BACK = 7  # for which a sum is still taken that was not
SAYS = {
    "page-visits": gettext_lazy(
        "Counted by the site: each time a browser shows a public page (front page, bulletins, facts, answers, ways to help) with its "
        "pictures, also from a cache. One person who reads three pages counts three times. Programs that say what they are, people who are "
        "logged in, and more than 240 views an hour from one address are not counted. No cookie and no address is kept."
    ),
    "answer-views": gettext_lazy(
        "Counted by the site: each time a browser shows the page of an answer with its pictures, also from a cache, and not how often its "
        "video is played. Programs that say what they are, people who are logged in, and more than 240 views an hour from one address are "
        "not counted. No cookie and no address is kept."
    ),
    "subscribers": gettext_lazy("Counted by the site: who gets a digest by email, those who paused it too."),
    "post-reach": gettext_lazy(
        "Summed by the site: the last figure of each reported post, as platforms count it. One person can be counted many times."
    ),
    "post-reactions": gettext_lazy("Summed by the site: the last figure of each reported post, as platforms count it."),
}


def counts(measure: Measure) -> bool:
    """Return whether the site takes a measure by itself."""
    return measure.source == Source.OWN and (measure.key in COUNTERS or measure.key in OF_A_DAY)


def take_due(*, at: datetime) -> int:
    """Take each own count that was not taken on the day that it is in its campaign; return how many were. One query when none is due."""
    measures = Measure.objects.taken().filter(
        source=Source.OWN, key__in=[*COUNTERS, *OF_A_DAY], campaign__closed_at=None
    )
    due = measures.filter(Q(tried_at=None) | Q(tried_at__lte=at - AGAIN)).select_related("campaign")
    return sum(take(one, at=at) for one in due)


def take(measure: Measure, *, at: datetime) -> bool:
    """Take an own count, unless it was taken today; what nobody knows stays a gap. Return whether it was taken."""
    today = measure.campaign.local(at).date()
    Measure.objects.filter(pk=measure.pk).update(tried_at=at)
    if measure.key in OF_A_DAY:
        return take_days(measure, today, at=at)
    if Snapshot.objects.standing().filter(measure=measure, on=today).exists():
        return False
    value = COUNTERS[measure.key](measure.campaign, at=at)
    if value is None:
        return False
    snapshots.take(Reading(measure, today, Decimal(value)), source=Source.OWN, by=None, at=at)
    return True


def take_days(measure: Measure, today: date, *, at: datetime) -> bool:
    """Take the sums of the last days that are over and have none; a day on which nothing was counted stays a gap."""
    days = [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
    known = set(Snapshot.objects.standing().filter(measure=measure, on__in=days).values_list("on", flat=True))
    is_taken = False
    for on in days:
        value = None if on in known else OF_A_DAY[measure.key](measure.campaign, on=on)
        if value is not None:
            snapshots.take(Reading(measure, on, Decimal(value)), source=Source.OWN, by=None, at=at)
            is_taken = True
    return is_taken
