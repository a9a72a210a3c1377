"""A campaign that is being started: what was chosen, step by step, before there is a campaign."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from bulletins.models import Bulletin
from campaigns.models import Campaign
from campaigns.translated_fields import in_language


class CampaignStartQuerySet(models.QuerySet["CampaignStart"]):
    """Questions about many starts."""

    def to_invite(self) -> Self:
        """Return the starts whose campaign readers have, and whose invitations are still to be written."""
        return self.filter(
            invites=True, invited_at=None, campaign__published_at__isnull=False, campaign__closed_at=None
        )


class CampaignStart(Nameless, models.Model):
    """
    A campaign in preparation. `answers` is {step: what was saved there}, as plain data; `saved` {step: {"by": a user's key,
    "at": ISO, "times": how often, "all": the keys of everyone who saved it}}. Nothing of it is a campaign before someone has confirmed what comes along: then there is
    `campaign`, with its `first_bulletin` where one was chosen, and the answers stay as they were.

    `invites`: those who never said whether they may be asked again are invited once, when the campaign is public.
    """

    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("started by"))
    begun_at = models.DateTimeField(_("started"))
    answers = models.JSONField(_("answers"), default=dict)
    saved = models.JSONField(_("saved"), default=dict)
    earlier = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("earlier campaign")
    )
    campaign = models.OneToOneField(
        Campaign, models.PROTECT, null=True, blank=True, related_name="start", verbose_name=_("campaign")
    )
    first_bulletin = models.ForeignKey(
        Bulletin, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("first bulletin")
    )
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    made_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    made_of = models.JSONField(_("what came along"), default=dict)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("helpline tried by")
    )
    answered_at = models.DateTimeField(_("helpline answered"), null=True, blank=True)
    invites = models.BooleanField(_("invites the others"), default=False)
    invited_at = models.DateTimeField(_("invitations written"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True, blank=True)

    objects = CampaignStartQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign in preparation")
        verbose_name_plural = _("campaigns in preparation")
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(campaign=None, made_by=None, made_at=None)
                | models.Q(campaign__isnull=False, made_by__isnull=False, made_at__isnull=False),
                name="made_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(campaign=None) | models.Q(dropped_at=None), name="what_is_made_is_not_dropped"
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.answer("about").get("names", {})) or f"{self.begun_at:%Y-%m-%d %H:%M}"

    @property
    def audited_as(self) -> str:
        """What the audit log calls it: by its key."""
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        """Return whether its steps can still be changed."""
        return self.campaign_id is None and self.dropped_at is None

    def answer(self, step: str) -> dict[str, Any]:
        """Return what was saved in a step, {} before."""
        found: dict[str, Any] = self.answers.get(step, {})
        return found

    @property
    def all_times_saved(self) -> int:
        """How often any step was saved: whoever makes the campaign says which state of all of them they have read."""
        return sum(self.times_saved(step) for step in self.saved)

    def times_saved(self, step: str) -> int:
        """Return how often a step was saved: whoever saves says which of these they have read."""
        return int(self.saved.get(step, {}).get("times", 0))
