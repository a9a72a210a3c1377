"""Ways to help: what somebody can do, who is behind it, and each version of its words."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access.permissions import Scope
from accounts.access.row_scopes import defines
from accounts.models import Nameless, User
from campaigns.models import Campaign, Region, Topic
from campaigns.translated_fields import TranslatedField, in_language

from .versions import CheckedVersion, CheckedVersionQuerySet, two_people


class Partner(models.Model):
    """An organisation that is behind ways to help in a campaign. Each offer is checked with the name and address that it has then."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="partners", verbose_name=_("campaign"))
    name = TranslatedField(_("name"))
    url = models.URLField(_("website"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("partner organisation")
        verbose_name_plural = _("partner organisations")
        ordering = ["pk"]

    def __str__(self) -> str:
        return in_language(self.name) or str(self.pk)


class PartnerMember(Nameless, models.Model):
    """Somebody who keeps a partner organisation's ways to help."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="members", verbose_name=_("partner organisation"))
    user = models.ForeignKey(User, models.CASCADE, related_name="partner_memberships", verbose_name=_("user"))

    of_campaign = "partner__campaign"

    class Meta:
        verbose_name = _("person of a partner organisation")
        verbose_name_plural = _("people of partner organisations")
        constraints = [models.UniqueConstraint(fields=["partner", "user"], name="one_membership_per_partner")]

    def __str__(self) -> str:
        return f"{self.user} ({self.partner})"


class OfferQuerySet(models.QuerySet["Offer"]):
    """Questions about many ways to help."""

    def kept_by(self, user: Any, campaign: Campaign) -> Self:
        """Return those of a campaign that somebody keeps as a person of a partner organisation, the newest first."""
        return self.filter(of_own_organisations(user), campaign=campaign).order_by("-pk")

    def was_shown(self, campaign: Campaign, *, at: datetime) -> Self:
        """Return those that anyone could see at some time, whatever became of them."""
        begun = models.Q(versions__valid_from=None) | models.Q(versions__valid_from__lte=at)
        return self.filter(begun, campaign=campaign, versions__state=OfferVersion.State.PUBLISHED)


class Offer(models.Model):
    """
    A way to help, whatever its words are. `done` counts who pressed “I did it”: nothing else is kept of them. One that is withdrawn
    is shown to nobody until another version of it has been checked.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="offers", verbose_name=_("campaign"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="offers", verbose_name=_("partner organisation"))
    made_at = models.DateTimeField(_("made"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    done = models.PositiveIntegerField(_("did it"), default=0)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("way to help")
        verbose_name_plural = _("ways to help")
        ordering = ["-pk"]
        permissions = [
            ("check_offer", "Can check a way to help that others wrote"),
            ("keep_offer", "Can keep the ways to help of a partner organisation"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        """Return the address of its public page in the active language."""
        return reverse("ways_to_help:offer", args=[self.pk])


@defines(Scope.OWN, Offer)
def of_own_organisations(user: User) -> models.Q:
    """Return the condition for ways to help of the organisations that someone keeps them for."""
    return models.Q(partner__in=PartnerMember.objects.filter(user=user.pk).values("partner"))


class OfferVersionQuerySet(CheckedVersionQuerySet["OfferVersion"]):
    """Questions about versions of many ways to help."""

    def shown(self, campaign: Campaign, *, at: datetime) -> Self:
        """
        Return what anyone may see of a campaign that has not ended: the versions that were checked, are not withdrawn, and hold at
        `at`; what takes least time comes first, what is done every week last.
        """
        begun = models.Q(valid_from=None) | models.Q(valid_from__lte=at)
        checked = self.filter(offer__campaign=campaign, offer__campaign__closed_at=None, offer__withdrawn_at=None)
        held = checked.filter(begun, state=OfferVersion.State.PUBLISHED, valid_until__gt=at)
        return held.select_related("offer").order_by("is_weekly", "minutes", "-offer")

    def beside(self, campaign: Campaign, *, topics: Collection[str], regions: Collection[str], at: datetime) -> Self:
        """
        Return those shown that go with a text of these topics (short names) and regions (codes; none: the whole country): of one of
        its topics and not of another region, or of no topic and in one of its regions.
        """
        anywhere = models.Q(region=None) | models.Q(from_home=True)
        there = (anywhere | models.Q(region__code__in=regions)) if regions else models.Q()
        fits = models.Q(topic__slug__in=topics) & there
        fits |= models.Q(topic=None, region__code__in=regions)
        return self.shown(campaign, at=at).filter(fits)


class OfferVersion(CheckedVersion):
    """
    A way to help in certain words. `languages` are the codes of those in which one can help, none for any; `minutes` is how long it
    takes, each week if `is_weekly`. `printed` are the names of the organisation, the region and the topic as they were when it was
    written last.
    """

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="versions", verbose_name=_("way to help"))
    title = TranslatedField(_("title"))
    does = TranslatedField(_("what one does"))
    place = TranslatedField(_("place"), blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    from_home = models.BooleanField(_("from home"), default=False)
    from_age = models.PositiveSmallIntegerField(_("from which age"), null=True, blank=True)
    languages = models.JSONField(_("languages in which one can help"), default=list, blank=True)
    minutes = models.PositiveIntegerField(_("minutes that it takes"))
    is_weekly = models.BooleanField(_("every week"), default=False)
    url = models.URLField(_("where to go on"), max_length=500, blank=True)
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("topic"))
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"))
    printed = models.JSONField(_("printed with it"), default=dict)

    objects = OfferVersionQuerySet.as_manager()
    of_campaign = "offer__campaign"

    class Meta:
        verbose_name = _("version of a way to help")
        verbose_name_plural = _("versions of ways to help")
        ordering = ["offer", "number"]
        constraints = [
            *two_people("offer"),
            models.CheckConstraint(
                condition=models.Q(valid_from=None) | models.Q(valid_until__gt=models.F("valid_from")),
                name="offer_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["state", "valid_until"], name="offer_holding")]

    def __str__(self) -> str:
        return f"{self.offer_id}, {self.number}"
