"""The campaign of the addresses of fact-checks, and of the lists of them."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign
from factcheck.models import Claim

permalinks.of("factcheck:claims", "factcheck:claims_data", "factcheck:claimreview_data", "factcheck:feed")(
    permalinks.asked
)


@permalinks.of(
    "factcheck:claim", "factcheck:version", "factcheck:card", "api:claim", "influencers:kit", "influencers:kit_used"
)
def of_claim(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns that have a public fact-check of this short name."""
    slug = str(kwargs["slug"]).replace("\0", "")
    return Campaign.objects.filter(claims__in=Claim.objects.visible().filter(slug=slug))


@permalinks.of("short_fact")
def of_short(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign of a public fact-check by its key."""
    return Campaign.objects.filter(claims__in=Claim.objects.visible().filter(pk=min(kwargs["pk"], permalinks.LARGEST)))


@permalinks.of("factcheck:copy")
def of_copy(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns with a public fact-check that rests on an archived copy."""
    resting = Claim.objects.visible().filter(evidence__copy__pk=min(kwargs["pk"], permalinks.LARGEST))
    return Campaign.objects.filter(claims__in=resting)
