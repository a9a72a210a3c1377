"""Who handed a shift over to whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign


class Handover(Nameless, models.Model):
    """
    The end of somebody's shift: what they had went to `given_to`, or waits for whoever is next when that is None. `things` names
    what it was, [[kind, key]] (assignment.assignable). The note stands on Today until it is taken over.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="handovers", verbose_name=_("campaign"))
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("handed over by"))
    given_to = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("handed over to")
    )
    given_at = models.DateTimeField(_("handed over"))
    note = models.TextField(_("note"), blank=True)
    things = models.JSONField(_("what was handed over"), default=list)
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken over by")
    )
    taken_at = models.DateTimeField(_("taken over"), null=True, blank=True)

    class Meta:
        verbose_name = _("handover of a shift")
        verbose_name_plural = _("handovers of shifts")
        ordering = ["-given_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.given_by_id} → {self.given_to_id or '?'}"
