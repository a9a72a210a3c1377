"""The campaign of the public address of results: it stays when the site shows another one, or none."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign
from impact.insight_reports.permalinks import asked_of
from impact.models import ResultsPage


@permalinks.of("results:page")
def of_results(query: QueryDict, _kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns whose results anyone may read, of these the one that is asked for by its short name."""
    return asked_of(query, ResultsPage.objects.filter(closed_at=None))
