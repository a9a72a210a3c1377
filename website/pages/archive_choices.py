"""What a reader chooses of the archive: a topic, a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from bulletins.models import Version
from campaigns.models import Campaign, Topic

from .topic_choices import topics_of


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chose to see of the archive: a topic, a month (its first day), both or neither."""

    topics: Sequence[Topic]
    months: Sequence[date]
    topic: Topic | None = None
    month: date | None = None

    def __bool__(self) -> bool:
        """Return whether anything was chosen."""
        return bool(self.topic or self.month)


def choose_from_archive(campaign: Campaign, *, topic: str = "", month: str = "", at: datetime) -> Choice:
    """
    Return a reader's choice of the archive: `topic` by its short name, `month` as 2026-03 in the campaign's zone. What
    does not exist counts as not chosen. Two queries.
    """
    topics = topics_of(campaign, at=at)
    days = Version.objects.current(campaign, at=at).order_by()
    months = [day.date() for day in days.datetimes("first_published_at", "month", order="DESC", tzinfo=campaign.zone)]
    return Choice(
        topics=topics,
        months=months,
        topic=next((one for one in topics if one.slug == topic), None),
        month=next((one for one in months if f"{one:%Y-%m}" == month), None),
    )


def chosen(versions: QuerySet[Version], choice: Choice, campaign: Campaign) -> QuerySet[Version]:
    """Return those versions of a list that fit a choice; topics are those that a version was published with."""
    if choice.topic:
        versions = versions.filter(mailing__topics=choice.topic)
    if choice.month:
        first = datetime(choice.month.year, choice.month.month, 1, tzinfo=campaign.zone)
        after = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=campaign.zone)
        versions = versions.filter(first_published_at__gte=first, first_published_at__lt=after)
    return versions
