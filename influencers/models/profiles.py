"""An influencer: a person with followers, who takes part unpaid and owes nobody a post."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access.permissions import Scope
from accounts.access.row_scopes import defines
from accounts.models import Nameless, User
from bulletins.models import Platform
from campaigns.models import Campaign, Region
from campaigns.translated_fields import TranslatedField, in_language
from delivery.models import Recipient


def validate_shares(value: Any) -> None:
    """Refuse shares that are not whole percentages adding up to 100 (or none at all)."""
    if value and (not isinstance(value, dict) or sum(value.values()) != 100):
        raise ValidationError(_("The shares must add up to 100 per cent."))


class Interest(models.Model):
    """What influencers make content about."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="interests", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"), max_length=40)
    name = TranslatedField(_("name"))

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="one_interest_per_campaign_slug")]

    def __str__(self) -> str:
        return in_language(self.name) or self.slug


class ValuesQuestion(models.Model):
    """A question that influencers answer when they join: 1 is disagree, 5 is agree."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="values_questions", verbose_name=_("campaign"))
    key = models.CharField(_("key"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = TranslatedField(_("statement"))

    class Meta:
        verbose_name = _("values question")
        verbose_name_plural = _("values questions")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="one_values_question_per_key")]

    def __str__(self) -> str:
        return in_language(self.text) or self.key


class Influencer(models.Model):
    """
    A person who takes part in a campaign. Tiers are audiences (delivery.Membership); the portal is open to `user`, who
    is empty until an invited person joins. Audience shares are {group: whole per cent}; `values` is {question key:
    1–5}. `kept_out` says why someone is not to be chosen for close contact (safety), "" when nothing speaks against it.
    """

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        ACTIVE = "active", _("active")
        LEFT = "left", _("left")
        ERASED = "erased", _("erased")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="influencers", verbose_name=_("campaign"))
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="influencers", verbose_name=_("user")
    )
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="influencers", verbose_name=_("recipient"))
    reference = models.CharField(_("reference"), max_length=40)
    name = models.CharField(_("name"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    other_languages = models.JSONField(_("other languages"), default=list, blank=True)
    region = models.ForeignKey(
        Region, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    municipality = models.CharField(_("municipality"), max_length=80, blank=True)
    sami_homeland = models.BooleanField(_("in the Sámi homeland"), default=False)
    audience_birth_decade = models.PositiveSmallIntegerField(_("followers mostly born in the"), null=True, blank=True)
    audience_ages = models.JSONField(_("followers by age"), default=dict, blank=True, validators=[validate_shares])
    audience_genders = models.JSONField(
        _("followers by gender"), default=dict, blank=True, validators=[validate_shares]
    )
    audience_languages = models.JSONField(
        _("followers by language"), default=dict, blank=True, validators=[validate_shares]
    )
    interests = models.JSONField(_("interests"), default=list, blank=True)
    values = models.JSONField(_("answers to the values questions"), default=dict, blank=True)
    liaison = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact person")
    )
    kept_out = models.CharField(_("not for close contact, because"), max_length=300, blank=True)
    came_by = models.ForeignKey(
        "influencers.ImportRun",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="people",
        editable=False,
        verbose_name=_("came from the import"),
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True, blank=True, editable=False)
    last_visit_at = models.DateTimeField(_("last in the portal"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("influencer")
        verbose_name_plural = _("influencers")
        ordering = ["reference"]
        permissions = [("use_portal", "Can read the portal")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="one_influencer_per_user"),
            models.UniqueConstraint(fields=["campaign", "recipient"], name="one_influencer_per_recipient"),
            models.UniqueConstraint(fields=["campaign", "reference"], name="one_influencer_per_reference"),
            models.CheckConstraint(
                condition=~models.Q(state="active") | models.Q(user__isnull=False), name="active_influencer_has_user"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.reference

    @property
    def audited_as(self) -> str:
        """What the audit log calls the person: it keeps no name."""
        return self.reference


class PlatformAccount(Nameless, models.Model):
    """Where an influencer publishes, and how many followers were counted on a date."""

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="accounts", verbose_name=_("influencer"))
    platform = models.CharField(_("platform"), max_length=12, choices=Platform)
    handle = models.CharField(_("handle"), max_length=100)
    followers = models.PositiveIntegerField(_("followers"), null=True, blank=True)
    counted_on = models.DateField(_("counted on"), null=True, blank=True)

    of_campaign = "influencer__campaign"

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["influencer", "platform", "handle"], name="one_account_per_handle")
        ]

    def __str__(self) -> str:
        return f"{self.get_platform_display()}: {self.handle}"


@defines(Scope.INFLUENCERS, Recipient)
def recipients_who_are_influencers(user: User) -> models.Q:
    """Return the condition for recipients who take part, were invited, or have left and are not forgotten yet."""
    return models.Q(models.Exists(Influencer.objects.filter(recipient=models.OuterRef("pk"))))


@defines(Scope.OWN, Influencer)
def own_profile(user: User) -> models.Q:
    """Return the condition for the profiles of one person."""
    return models.Q(user=user.pk)
