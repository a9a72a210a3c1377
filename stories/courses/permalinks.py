"""The campaign of the addresses of courses."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign


@permalinks.of("courses:course", "courses:tried", "courses:file", "courses:subtitles")
def of_course(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns that have a course of this name."""
    return Campaign.objects.filter(courses__slug=kwargs["slug"][: permalinks.LONGEST_NAME])


permalinks.of("courses:courses")(permalinks.asked)
