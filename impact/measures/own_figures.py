"""What the site counts by itself, once a day: subscribers, and what reported posts have reached so far. Counts, and nothing about a person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery, Sum

from campaigns.models import Campaign
from delivery.models import Subscription
from impact.models import Measure, Snapshot, Source
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


def take_due(*, at: datetime) -> int:
    """Take each own count that was not taken on the day that it is in its campaign; return how many were. One query when none is due."""
    measures = Measure.objects.taken().filter(source=Source.OWN, key__in=COUNTERS, campaign__closed_at=None)
    due = measures.filter(Q(tried_at=None) | Q(tried_at__lte=at - AGAIN)).select_related("campaign")
    return sum(take(one, at=at) for one in due)


def take(measure: Measure, *, at: datetime) -> bool:
    """Take an own count, unless it was taken today; what nobody knows stays a gap. Return whether it was taken."""
    today = measure.campaign.local(at).date()
    Measure.objects.filter(pk=measure.pk).update(tried_at=at)
    if Snapshot.objects.standing().filter(measure=measure, on=today).exists():
        return False
    value = COUNTERS[measure.key](measure.campaign, at=at)
    if value is None:
        return False
    snapshots.take(Reading(measure, today, Decimal(value)), source=Source.OWN, by=None, at=at)
    return True
