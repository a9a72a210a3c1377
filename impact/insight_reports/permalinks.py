"""The campaign of the public addresses of rumour and insight reports: they stay when the site shows another one, or none."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign
from impact.models import InsightReport
from impact.weeks import Week

permalinks.of("insight:reports")(permalinks.asked)


@permalinks.of("insight:report", "insight:pdf", "insight:data")
def of_report(query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaigns with a report on a week that anyone may read, or that was withdrawn, of these the one that is asked for by its short name."""
    week = Week.read(kwargs["code"])
    if week is None:
        return Campaign.objects.none()
    return asked_of(query, InsightReport.objects.once_for_everyone().filter(week_on=week.first))


def asked_of(query: QueryDict, rows: QuerySet[Any]) -> QuerySet[Campaign]:
    """Return the campaigns of some rows, of these the one that is asked for."""
    named = permalinks.asked(query, {})
    return (Campaign.objects.all() if named is None else named).filter(pk__in=rows.values("campaign"))
