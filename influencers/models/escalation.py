"""Who was asked to say that they have seen an urgent bulletin, and who has."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless
from bulletins.models import Version
from campaigns.models import Campaign
from delivery.models import Channel

from .profiles import Influencer


class SeenRequest(models.Model):
    """
    A published version that asks its partners to say that they have seen it, since `began_at`. Over at `ended_at`, because
    of `ended`: a newer version took its place, for example. Then nothing follows, and a press is still noted.
    """

    class End(models.TextChoices):
        ENOUGH = "enough", _("enough have seen it")
        CORRECTED = "corrected", _("it was corrected")
        WITHDRAWN = "withdrawn", _("it was withdrawn")
        CLOSED = "closed", _("the campaign was closed")
        OVER = "over", _("its time is over")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="seen_requests", verbose_name=_("campaign"))
    version = models.OneToOneField(Version, models.PROTECT, related_name="seen_request", verbose_name=_("version"))
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended = models.CharField(_("ended because"), max_length=10, choices=End, blank=True)

    class Meta:
        verbose_name = _("request to say “seen”")
        verbose_name_plural = _("requests to say “seen”")
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended="") | (models.Q(ended_at__isnull=False) & ~models.Q(ended="")),
                name="seen_request_ends_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return str(self.version)


class AskedPartnerQuerySet(models.QuerySet["AskedPartner"]):
    """Questions about many people who were asked."""

    def reached(self, *, at: datetime) -> Self:
        """Return those whose turn has come, and who still take part or have said something."""
        takes_part = models.Q(influencer__state=Influencer.State.ACTIVE) | models.Q(seen_at__isnull=False)
        return self.filter(takes_part, asked_at__lte=at)

    def unseen(self) -> Self:
        """Return those who have not said that they have seen it."""
        return self.filter(seen_at=None)


class AskedPartner(Nameless, models.Model):
    """
    One person who is asked, from `asked_at` on: the slot of the audience that they are in, whose `tier` it is (1 the closest).
    `seen_at` is when they first said that they have seen it, and `channel` where. Nobody says it by opening a mail.
    """

    PORTAL = "portal"
    WAYS = (*Channel.choices, (PORTAL, _("portal")))

    request = models.ForeignKey(SeenRequest, models.CASCADE, related_name="people", verbose_name=_("request"))
    influencer = models.ForeignKey(
        Influencer, models.CASCADE, related_name="seen_requests", verbose_name=_("influencer")
    )
    tier = models.PositiveSmallIntegerField(_("tier"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=WAYS, blank=True)

    objects = AskedPartnerQuerySet.as_manager()
    of_campaign = "request__campaign"

    class Meta:
        verbose_name = _("partner who was asked")
        verbose_name_plural = _("partners who were asked")
        ordering = ["request", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "influencer"], name="one_row_per_person_asked"),
            models.CheckConstraint(
                condition=models.Q(seen_at=None, channel="")
                | (models.Q(seen_at__isnull=False) & ~models.Q(channel="")),
                name="seen_on_a_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.influencer}"
