"""How often public pages were shown on a day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign


class ViewCount(models.Model):
    """How often pages of a kind were shown on a day in the campaign's zone; `subject` is the key of the answer, 0 for all other pages."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="view_counts", verbose_name=_("campaign"))
    kind = models.CharField(_("kind of page"), max_length=12)
    subject = models.PositiveIntegerField(_("answer"), default=0)
    on = models.DateField(_("day"))
    views = models.PositiveBigIntegerField(_("views"))

    class Meta:
        verbose_name = _("views of pages")
        verbose_name_plural = _("views of pages")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind", "subject", "on"], name="one_view_count_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on:%Y-%m-%d}: {self.views}"
