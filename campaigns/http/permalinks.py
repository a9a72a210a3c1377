"""
Which campaign an address is about. What was published keeps its address for good: when the site shows another campaign,
the bulletins, answers and fact-checks of the earlier ones go on being answered, each in the frame of its own campaign.

The apps above say with `of` how the campaign of their addresses is found. Every other address is about the campaign
that the site shows.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpRequest, QueryDict

from campaigns.models import Campaign

# From what a query and an address name to the campaigns that have it; None for the one that the site shows, if any.
Finder = Callable[[QueryDict, dict[str, Any]], QuerySet[Campaign] | None]

FINDERS: dict[str, Finder] = {}
LONGEST_NAME = 60  # characters of a campaign's or topic's short name
LARGEST = 2**63 - 1  # the largest key that a row can have


def of(*names: str) -> Callable[[Finder], Finder]:
    """Say how the campaign of the addresses with these names (namespace:name) is found."""

    def register(finder: Finder) -> Finder:
        FINDERS.update(dict.fromkeys(names, finder))
        return finder

    return register


def campaign_of(request: HttpRequest, shown: Campaign | None, view: Any) -> Campaign | None:
    """
    Return the published campaign that an address is about, that of the site before an earlier one, the latest first;
    None when no published one has it. At most one query. Of a page that is kept for everyone, only what it is kept by
    counts.
    """
    match = request.resolver_match
    finder = FINDERS.get(match.view_name) if match else None
    if match is None or finder is None:
        return None
    query, way = request.META.get("QUERY_STRING", ""), getattr(view, "way", None)
    relevant = way.relevant(query) if way else None
    found = finder(QueryDict(query if relevant is None else relevant), match.kwargs)
    if found is None:
        if shown is not None or finder is not asked:
            return None
        found = Campaign.objects.all()  # a list is still there when the site shows no campaign any more
    first = Case(When(pk=shown.pk if shown else 0, then=Value(0)), default=Value(1))
    rows = Campaign.objects.published().filter(pk__in=found.values("pk"))
    return rows.order_by(first, F("closed_at").desc(nulls_first=True), "-published_at", "-pk").first()


def asked(query: QueryDict, _kwargs: dict[str, Any]) -> QuerySet[Campaign] | None:
    """Return the campaign that a list is asked for by its short name (`?campaign=`), else those with the topic asked for."""
    for parameter, way in (("campaign", "slug"), ("topic", "topics__slug")):
        name = query.get(parameter, "")
        if name and len(name) <= LONGEST_NAME and "\0" not in name:
            return Campaign.objects.filter(**{way: name})
    return None
