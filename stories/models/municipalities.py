"""Municipalities and other local bodies of a campaign, who sends stories for them, and the invitations to that."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign, Region
from campaigns.translated_fields import TranslatedField, in_language


class Municipality(models.Model):
    """
    A municipality, or another local body, that sends stories. `code` is the statistics office's, or whatever the list it came from
    calls it by: the same list imported again changes the row and adds none.
    """

    class Kind(models.TextChoices):
        MUNICIPALITY = "municipality", _("municipality")
        OTHER = "other", _("other local body")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="municipalities", verbose_name=_("campaign"))
    code = models.CharField(_("code"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.MUNICIPALITY)
    name = TranslatedField(_("name"))
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["campaign", "code"], name="one_municipality_per_campaign_code")]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class MunicipalityMember(Nameless, models.Model):
    """Somebody who may send stories for a municipality, and is asked to its meetings."""

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="members", verbose_name=_("municipality")
    )
    user = models.ForeignKey(User, models.CASCADE, related_name="municipalities", verbose_name=_("user"))
    joined_at = models.DateTimeField(_("joined"))

    of_campaign = "municipality__campaign"

    class Meta:
        verbose_name = _("person of a municipality")
        verbose_name_plural = _("people of municipalities")
        constraints = [models.UniqueConstraint(fields=["municipality", "user"], name="one_membership_per_municipality")]

    def __str__(self) -> str:
        return f"{self.user} ({self.municipality})"


class MunicipalityInvitation(Nameless, models.Model):
    """
    One mail that asks somebody to send stories for a municipality. Its link names the row and is signed; who follows it proves the
    address by a code. The row is the queue: the next try is at `next_attempt_at`; `sent_at` or `given_up_at` ends it.
    """

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="invitations", verbose_name=_("municipality")
    )
    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=12)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    at = models.DateTimeField(_("invited"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    of_campaign = "municipality__campaign"

    class Meta:
        verbose_name = _("invitation of a municipality")
        verbose_name_plural = _("invitations of municipalities")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None, given_up_at=None),
                name="one_open_municipality_invitation",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="municipality_to_invite",
                condition=models.Q(sent_at=None, given_up_at=None, withdrawn_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.at:%Y-%m-%d}"
