"""The campaign of the addresses of public reports, and of the list of them."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign
from impact.models import InsightReport
from impact.weeks import Week

permalinks.of("insight:reports")(permalinks.asked)


@permalinks.of("insight:report", "insight:pdf", "insight:data")
def of_week(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns that have a public report of this week."""
    week = Week.read(kwargs["code"])
    reports = InsightReport.objects.filter(approved__is_public=True, withdrawn_at=None)
    reports = reports.filter(week_on=week.first) if week else reports.none()
    return Campaign.objects.filter(pk__in=reports.order_by().values("campaign"))
