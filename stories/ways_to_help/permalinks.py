"""The campaign of the address of a way to help."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign


@permalinks.of("ways_to_help:offer", "ways_to_help:done", "website:embed_offer", "api:way_to_help")
def of_offer(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign that has a way to help."""
    return Campaign.objects.filter(offers=min(int(kwargs["pk"]), permalinks.LARGEST))
