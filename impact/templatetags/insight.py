"""The way from other public pages to the rumour and insight reports of a campaign."""

from django import template

from campaigns.models import Campaign
from impact.models import InsightReport

register = template.Library()


@register.simple_tag
def has_insight_reports(campaign: Campaign | None) -> bool:
    """Return whether a campaign has a report that anyone may read; one query."""
    return campaign is not None and InsightReport.objects.public(campaign).exists()
