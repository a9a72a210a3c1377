"""Rumour and insight reports that wait for approval, on Today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from impact.models import InsightReport
from impact.weeks import Week

SHOWN = 6


def reports_to_approve(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the reports that somebody may approve, for they did not work on them."""
    if not user.has_perm("impact.approve_insightreport"):
        return []
    waiting = InsightReport.objects.filter(campaign=campaign, state=InsightReport.State.IN_REVIEW)
    rows = waiting.order_by("week_on").values_list("pk", "week_on", "writers")
    return [
        PendingWork(
            _("The rumour and insight report of week %(number)d needs approval.") % {"number": Week(week_on).number},
            reverse("admin:impact_insightreport_change", args=[key]),
        )
        for key, week_on, writers in rows[:SHOWN]
        if user.pk not in writers
    ]
