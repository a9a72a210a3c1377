"""The public page of what a campaign achieved: it is there only once somebody has opened it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Campaign


class ResultsPage(models.Model):
    """
    Whether a campaign's results are public, and which: `measures` are the keys of the measures that are shown, `has_opinions` says
    whether surveys' shares are. It was opened by one person at a time, who confirmed what becomes public; `closed_at` ends that.
    Of what people write and count it shows what stood at `agreed_at`; `agreed` keeps the words of then.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="results_page", verbose_name=_("campaign"))
    measures = models.JSONField(_("measures"), default=list)
    has_opinions = models.BooleanField(_("what people think"), default=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("opened by"))
    opened_at = models.DateTimeField(_("opened"))
    agreed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agreed by")
    )
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    agreed = models.JSONField(_("agreed words"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("public results")
        verbose_name_plural = _("public results")
        default_permissions = ()
        permissions = [("publish_results", "Can make results of a campaign public")]

    def __str__(self) -> str:
        return str(self.campaign_id)

    @property
    def is_open(self) -> bool:
        """Whether anybody can read it."""
        return self.closed_at is None
