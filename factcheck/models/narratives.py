"""The stories that claims serve, and from how much on something counts as spreading."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language


class Narrative(models.Model):
    """The story that several claims serve, and the need behind it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="narratives", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"), max_length=60)
    name = TranslatedField(_("name"))
    description = TranslatedField(_("description"), blank=True)
    need_behind = TranslatedField(_("the need behind it"), blank=True)
    first_seen = models.DateField(_("first seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("narrative")
        verbose_name_plural = _("narratives")
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="one_narrative_per_campaign_slug")]

    def __str__(self) -> str:
        return in_language(self.name) or self.slug


class Thresholds(models.Model):
    """
    From how much on a claim counts as spreading in a campaign. A channel is loud for a claim when it was seen there
    `least_sightings` times, or by `least_reach` people, in the last `within_days` days; only to influencers whose
    followers are there a kit names the falsehood. A narrative rises when it was seen on `rising_channels` channels
    since yesterday.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="thresholds", verbose_name=_("campaign"))
    least_sightings = models.PositiveSmallIntegerField(
        _("sightings that make a channel loud"), default=2, help_text=_("On one platform in one language.")
    )
    least_reach = models.PositiveIntegerField(
        _("or reach that makes it so"), default=5000, help_text=_("People, all sightings there together.")
    )
    within_days = models.PositiveSmallIntegerField(_("days counted"), default=14)
    rising_channels = models.PositiveSmallIntegerField(
        _("channels that make a narrative rise"), default=3, help_text=_("Seen there since yesterday.")
    )

    class Meta:
        verbose_name = _("thresholds")
        verbose_name_plural = _("thresholds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    least_sightings__gte=1, least_reach__gte=1, within_days__gte=1, rising_channels__gte=1
                ),
                name="thresholds_are_at_least_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.campaign)

    @classmethod
    def of(cls, campaign: Campaign) -> "Thresholds":
        """Return the campaign's thresholds, or the usual ones, unsaved; one query."""
        return cls.objects.filter(campaign=campaign).first() or cls(campaign=campaign)
