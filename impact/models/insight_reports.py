"""Rumour and insight reports: what a week's claims and questions were, drafted from data, edited and approved by people."""

from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agreement.models import Agreeable
from campaigns.models import Campaign


class InsightReportQuerySet(models.QuerySet["InsightReport"]):
    """Questions about many reports."""

    def for_everyone(self) -> Self:
        """Return the reports that anyone may read."""
        return self.filter(approved__is_public=True, withdrawn_at=None)

    def once_for_everyone(self) -> Self:
        """Return those, and the ones that were withdrawn since: their addresses say so."""
        return self.filter(approved__is_public=True)

    def public(self, campaign: Campaign) -> Self:
        """Return those of a campaign, the newest week first."""
        return self.for_everyone().filter(campaign=campaign).order_by("-week_on")


class InsightReport(Agreeable):
    """
    A report on one ISO week of a campaign. `figures` are what was counted at `figures_at` (figures.py) and change only when it is
    drafted again. `judged` is {claim's key: {"reach", "harm", "doubt": 1 to 3, "is_left_out"}}, `words` {language: {name: text}}
    (report_words.py), `days` the dates of its recommendations. `writers` are of the
    version in the making. `approved` is what was approved last, whole: readers see that and nothing else.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="insight_reports", verbose_name=_("campaign"))
    week_on = models.DateField(_("week from"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    is_public = models.BooleanField(_("for everyone"), default=False)
    figures = models.JSONField(_("figures"), default=dict)
    figures_at = models.DateTimeField(_("counted"))
    judged = models.JSONField(_("risk"), default=dict)
    words = models.JSONField(_("words"), default=dict)
    days = models.JSONField(_("dates of the recommendations"), default=list)
    writers = models.JSONField(_("worked on by"), default=list)  # as the table has had it
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("last edited by"))
    edited_at = models.DateTimeField(_("last edited"))
    remark = models.TextField(_("why it was sent back"), blank=True)
    number = models.PositiveSmallIntegerField(_("version"), default=0)
    approved = models.JSONField(_("what was approved"), default=dict)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = InsightReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("rumour and insight report")
        verbose_name_plural = _("rumour and insight reports")
        ordering = ["-week_on"]
        permissions = [("approve_insightreport", "Can approve a rumour and insight report that others wrote")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "week_on"], name="one_insight_report_per_week"),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (models.Q(approved_by__isnull=False) & ~models.Q(approved_by=models.F("edited_by"))),
                name="insight_report_needs_two_people",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Week %(week)s") % {"week": self.code})

    @property
    def code(self) -> str:
        """Its week as addresses say it: 2026-W48."""
        year, week, _day = self.week_on.isocalendar()
        return f"{year}-W{week:02d}"

    def get_absolute_url(self) -> str:
        """Return the address of its public page in the active language."""
        return reverse("insight:report", args=[self.code])
