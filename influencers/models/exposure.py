"""Who knows what, in which version, and who was notified that it changed."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless
from bulletins.models import Version
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField
from factcheck.models import ClaimStep
from notifications.models import Notice

from .profiles import Influencer


class Exposure(Nameless, models.Model):
    """
    What an influencer did with a version of a bulletin: read it, copied words, downloaded a file. `item` says which:
    "" (the page), "message:<key>", "variant:<platform>", "asset:<key>", "package:<platform>", "correction". One row
    however often; kept for EXPOSURE_DAYS after the last time. What was delivered is in delivery's ledger, what was posted
    in Post; factchecks have KitUse.
    """

    class Way(models.TextChoices):
        READ = "read", _("read")
        COPIED = "copied", _("copied")
        DOWNLOADED = "downloaded", _("downloaded")

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="exposures", verbose_name=_("influencer"))
    version = models.ForeignKey(Version, models.PROTECT, related_name="exposures", verbose_name=_("version"))
    way = models.CharField(_("way"), max_length=10, choices=Way)
    item = models.CharField(_("what"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=12)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("exposure")
        verbose_name_plural = _("exposures")
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["influencer", "version", "way", "item", "language"], name="one_row_per_exposure"
            )
        ]
        indexes = [models.Index(fields=["last_at"], name="exposure_age")]

    def __str__(self) -> str:
        return f"{self.influencer_id}: {self.version_id} {self.way} {self.item}"


class Recall(models.Model):
    """
    Something that people read, took or posted has changed: a bulletin's version that corrects or retracts earlier ones,
    or a step of a fact-check. `affected` is {"messages": [keys], "variants": [platforms], "assets": [keys]} of what is
    other than before; `what_changed` says it in words.
    """

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("correction")
        RETRACTION = "retraction", _("retraction")
        VERDICT = "verdict", _("changed verdict")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="recalls", verbose_name=_("campaign"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    version = models.OneToOneField(
        Version, models.PROTECT, null=True, blank=True, related_name="recall", verbose_name=_("version")
    )
    step = models.OneToOneField(
        ClaimStep, models.PROTECT, null=True, blank=True, related_name="recall", verbose_name=_("claim step")
    )
    affected = models.JSONField(_("what is affected"), default=dict, blank=True)
    what_changed = TranslatedField(_("what changed"), blank=True)
    planned_at = models.DateTimeField(_("planned"))

    class Meta:
        verbose_name = _("recall")
        verbose_name_plural = _("recalls")
        ordering = ["-planned_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version__isnull=False, step=None) | models.Q(version=None, step__isnull=False),
                name="recall_is_about_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.version or self.step}"

    @property
    def changed_at(self) -> datetime:
        """When it changed; needs the version, or the step, at hand."""
        if self.version:
            return self.version.published_at
        assert self.step is not None
        return self.step.at

    def later(self) -> "models.QuerySet[Recall]":
        """Return the later recalls of the same bulletin, or of the same fact-check; needs version or step at hand."""
        if self.version:
            same = models.Q(version__bulletin=self.version.bulletin_id, version__number__gt=self.version.number)
        else:
            assert self.step is not None
            same = models.Q(step__claim=self.step.claim_id) & models.Q(step__gt=self.step_id)
        return Recall.objects.filter(same)


class RecallNotice(Nameless, models.Model):
    """
    One person who is to hear of a recall, in the order of `rank` (1 posted it, 2 took words or files, 3 read it, 4 got it
    by mail) and `reach`. `known` is the newest version number that they know; `platforms` where they posted or what they
    took words for. `notice` is the mail; `acknowledged_at` when they said that they have seen to it.
    """

    class Rank(models.IntegerChoices):
        POSTED = 1, _("posted it")
        TOOK = 2, _("copied or downloaded")
        READ = 3, _("read it")
        GOT = 4, _("got it by email")

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", _("corrected what was posted")
        REMOVED = "removed", _("removed what was posted")
        NOT_POSTED = "not_posted", _("had not posted it")
        CANNOT = "cannot", _("needs help")

    recall = models.ForeignKey(Recall, models.CASCADE, related_name="notices", verbose_name=_("recall"))
    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="recalls", verbose_name=_("influencer"))
    rank = models.PositiveSmallIntegerField(_("rank"), choices=Rank)
    reach = models.PositiveBigIntegerField(_("reach"), default=0)
    known = models.PositiveSmallIntegerField(_("known version"), default=1)
    platforms = models.JSONField(_("platforms"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=12)
    notice = models.ForeignKey(
        Notice, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("email")
    )
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    of_campaign = "recall__campaign"

    class Meta:
        verbose_name = _("recall notice")
        verbose_name_plural = _("recall notices")
        ordering = ["recall", "rank", "-reach", "pk"]  # as turn() says of rows that are not stored yet
        constraints = [models.UniqueConstraint(fields=["recall", "influencer"], name="one_notice_per_recall")]

    def __str__(self) -> str:
        return f"{self.recall_id}: {self.influencer}"

    def turn(self) -> tuple[int, int, int]:
        """Return by what the people of a recall come one after another: the gravest first, of equals whoever reached more."""
        return self.rank, -self.reach, self.influencer_id
