"""The campaign of the addresses of bulletins and answers, and of the lists of them."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from campaigns.cards import check_codes
from campaigns.http import permalinks
from campaigns.models import Campaign, CheckCode
from website.feeds.oembed import embedded_page

LARGEST = 2**31 - 1  # the largest number that a bulletin can have

permalinks.of(
    "website:archive",
    "website:answers",
    "website:help",
    "website:help_atom",
    "website:help_json",
    "website:stories_rss",
    "website:stories_atom",
    "website:stories_json",
    "website:rss",
    "website:atom",
    "website:json_feed",
    "api:campaign",
    "api:bulletins",
    "api:questions",
    "api:claims",
    "api:ways_to_help",
)(permalinks.asked)


@permalinks.of(
    "website:bulletin",
    "website:version",
    "website:embed_bulletin",
    "api:bulletin",
    "api:bulletin_versions",
    "api:bulletin_version",
    "influencers:bulletin",
    "influencers:used",
)
def of_bulletin(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns that published a bulletin of this number."""
    number = min(int(kwargs["number"]), LARGEST)
    return Campaign.objects.filter(bulletins__number=number, bulletins__versions__published_at__lte=timezone.now())


@permalinks.of(
    "website:answer",
    "website:answer_version",
    "website:answer_subtitles",
    "api:question",
    "api:question_versions",
    "api:question_version",
)
def of_answer(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns that answered a question of this short name."""
    slug = str(kwargs["slug"]).replace("\0", "")
    return Campaign.objects.filter(question_groups__slug=slug, question_groups__answer__current_version__isnull=False)


@permalinks.of("website:code")
def of_code(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign whose cards carry a code."""
    return Campaign.objects.filter(
        pk__in=CheckCode.objects.filter(code=check_codes.read(kwargs["typed"])).values("campaign")
    )


@permalinks.of("alert")
def of_alert(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign whose short name an alert's begins with."""
    name = kwargs["identifier"].replace("\0", "").rpartition("-")[0].rpartition("-")[0]
    return Campaign.objects.filter(slug=name)


@permalinks.of("oembed")
def of_page(query: QueryDict, _kwargs: dict[str, Any]) -> QuerySet[Campaign] | None:
    """Return the campaigns of the page that is to be put into a box."""
    place = embedded_page(query.get("url", ""))
    finder = permalinks.FINDERS.get(place.view) if place else None
    return finder(QueryDict(), dict(place.arguments)) if place and finder else None
