"""What follows where partners have not said that they have seen an urgent bulletin: a campaign's rule, as data."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from delivery.models import Audience, Membership, Recipient


class SeenRule(models.Model):
    """
    The steps of one campaign, in minutes after a bulletin went out (None: not taken), and what stops them: so many of those who are
    counted have seen it, or none is begun between `night_from` and `night_until`, local time, unless the approval says so. A bulletin
    that is submitted keeps what the rule says then (Bulletin.seen_rule). A campaign without a row has the defaults.
    """

    class Counts(models.TextChoices):
        CLOSEST = "closest", _("the closest tier that it goes to")
        ALL = "all", _("everybody who is asked")

    campaign = models.OneToOneField(
        Campaign, models.CASCADE, related_name="seen_rule", editable=False, verbose_name=_("campaign")
    )
    # Unused since 1.6: what is urgent goes by every channel at once. A later release drops the column.
    channel_after = models.PositiveSmallIntegerField(
        _("next channel after so many minutes"), null=True, blank=True, default=10, validators=[MaxValueValidator(1440)]
    )
    calls_after = models.PositiveSmallIntegerField(
        _("call list after so many minutes"), null=True, blank=True, default=20, validators=[MaxValueValidator(1440)]
    )
    audience_after = models.PositiveSmallIntegerField(
        _("next group after so many minutes"), null=True, blank=True, default=40, validators=[MaxValueValidator(1440)]
    )
    counts = models.CharField(_("who is counted"), max_length=10, choices=Counts, default=Counts.CLOSEST)
    enough_percent = models.PositiveSmallIntegerField(
        _("enough, in per cent of them"), default=90, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    enough_people = models.PositiveIntegerField(
        _("or enough, in people"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    night_from = models.TimeField(_("night from"), default=time(22))
    night_until = models.TimeField(_("night until"), default=time(7))

    class Meta:
        verbose_name = _("rule for what is not seen")
        verbose_name_plural = _("rules for what is not seen")

    def __str__(self) -> str:
        return gettext("What follows where an urgent bulletin is not seen")

    def clean(self) -> None:
        """Refuse steps that are not one after another."""
        minutes = [one for one in (self.calls_after, self.audience_after) if one is not None]
        if minutes != sorted(set(minutes)):
            raise ValidationError(_("Each step has to be later than the one before it."))

    def plain(self) -> dict[str, Any]:
        """Return the rule as plain data, as bulletins keep it."""
        steps = {"calls": self.calls_after, "audience": self.audience_after}
        return {
            "steps": [[kind, minutes] for kind, minutes in steps.items() if minutes is not None],
            "counts": self.counts,
            "enough_percent": self.enough_percent,
            "enough_people": self.enough_people,
            "night": [self.night_from.strftime("%H:%M"), self.night_until.strftime("%H:%M")],
        }


def rule_of(campaign: Campaign) -> SeenRule:
    """Return the rule of a campaign, the defaults where it has none; one query."""
    return SeenRule.objects.filter(campaign=campaign).first() or SeenRule(campaign=campaign)


def sends_further(steps: Iterable[tuple[str, int]], group: object) -> bool:
    """Return whether one of the steps of a plain rule sends a bulletin to a further group; None: none is chosen."""
    return group is not None and any(kind == "audience" for kind, _minutes in steps)


def have_partners(groups: models.QuerySet[Audience], *, at: datetime) -> bool:
    """Return whether anybody is in one of these groups; one query."""
    members = Membership.objects.open(at=at).filter(audience__in=groups.values("pk"))
    return members.filter(recipient__state=Recipient.State.ACTIVE).exists()
