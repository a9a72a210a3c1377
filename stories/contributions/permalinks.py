"""The campaign of the addresses of prompts."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign


@permalinks.of("contributions:prompt")
def of_prompt(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns that have a prompt of this name."""
    return Campaign.objects.filter(prompts__slug=kwargs["slug"][: permalinks.LONGEST_NAME])
