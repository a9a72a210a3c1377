"""What people at the desk are told of a rumour and insight report (notifications.notice_kinds)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from accounts.models import User
from impact.models import InsightReport
from notifications.notice_kinds import Kind


class ReportNoticeKind(Kind):
    """A kind about a report; it names its week, never its words."""

    model = InsightReport
    related = ("campaign",)

    def values(self, subject: InsightReport, version: int | None = None) -> dict[str, Any]:
        """Return its week."""
        return {"week": subject.code}

    def page(self, subject: InsightReport, person: User | None) -> str:
        """Return its page at the desk."""
        return reverse("admin:impact_insightreport_change", args=[subject.pk])


REPORT_WANTED = ReportNoticeKind(
    "report_wanted", gettext_noop("The rumour and insight report of week %(week)s needs your approval")
)
REPORT_SENT_BACK = ReportNoticeKind(
    "report_sent_back", gettext_noop("The rumour and insight report of week %(week)s was sent back")
)
KINDS = (REPORT_WANTED, REPORT_SENT_BACK)
