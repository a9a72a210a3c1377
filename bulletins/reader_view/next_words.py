"""
"We say more by 18:00": whether that moment has come and nothing has. A newer version of the bulletin ends the promise, and so does a
bulletin that was published after it on one of its topics; of a bulletin without topics, any bulletin.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from bulletins.models import Bulletin, Version
from campaigns.models import Campaign, Topic


@dataclass(frozen=True)
class NextWord:
    """By when more was promised, and whether that is over without any."""

    at: datetime
    is_late: bool


def late(*, at: datetime, campaign: Campaign | None = None) -> QuerySet[Version]:
    """Return the versions that promised more by now and after which nothing has come, in campaigns that go on; one query."""
    newer = Version.objects.published(at=at).filter(bulletin=OuterRef("bulletin"), number__gt=OuterRef("number"))
    topics = Topic.objects.filter(bulletins=OuterRef(OuterRef(OuterRef("bulletin"))))
    shares = Exists(Topic.objects.filter(bulletins=OuterRef("bulletin"), pk__in=topics.values("pk")))
    later = (
        Version.objects.published(at=at)
        .filter(bulletin__campaign=OuterRef("bulletin__campaign"), number=1, published_at__gt=OuterRef("published_at"))
        .exclude(bulletin=OuterRef("bulletin"))
        .exclude(kind=Bulletin.Kind.RETRACTION)
    )
    has_topics = Exists(Topic.objects.filter(bulletins=OuterRef("bulletin")))
    found = Version.objects.published(at=at).filter(
        ~Exists(newer),
        Q(has_topics, ~Exists(later.filter(shares))) | Q(~has_topics, ~Exists(later)),
        next_word_at__lte=at,
        bulletin__campaign__closed_at=None,
    )
    if campaign is not None:
        found = found.filter(bulletin__campaign=campaign)
    return found.order_by("next_word_at", "pk")


def of_version(version: Version, *, at: datetime) -> NextWord | None:
    """Return what a published version promised; one query once that moment has come, none before it and without a promise."""
    if version.next_word_at is None:
        return None
    return NextWord(version.next_word_at, version.next_word_at <= at and late(at=at).filter(pk=version.pk).exists())
