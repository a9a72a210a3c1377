"""The end of a campaign: what came of it, and its archive."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agreement.models import Agreeable
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField


class ArchiveQuerySet(models.QuerySet["Archive"]):
    """Questions about many archives."""

    def to_make(self, *, at: datetime) -> Self:
        """Return what waits to be made, and what somebody died over."""
        given_up = models.Q(state=Archive.State.MAKING, lease_until__lte=at)
        return self.filter(models.Q(state=Archive.State.QUEUED) | given_up)


class Archive(models.Model):
    """
    All that a campaign published, as one zip file of pages that need no server (impact/closing/archive_contents.py). The row is the
    queue: who makes it holds it until `lease_until`. `done` and `total` count pages; `size` is in bytes, `sha256` that of the file.
    `missing` are the stored files that were not there any more. `public_at` is since when anyone may have it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        MAKING = "making", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="archives", verbose_name=_("campaign"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    asked_at = models.DateTimeField(_("requested"))
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(_("pages"), default=0)
    total = models.PositiveIntegerField(default=0)
    file = models.FileField(_("file"), upload_to="archives/", blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    missing = models.JSONField(_("files that are missing"), default=list)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    public_at = models.DateTimeField(_("public since"), null=True, blank=True)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                name="one_archive_in_the_making",
                condition=models.Q(state__in=["queued", "making"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.state}"


class CampaignResults(Agreeable, models.Model):
    """
    What came of a campaign that is closed, and who was told.

    `figures` is plain data that was counted at `gathered_at` (impact/closing/figures.py), nothing of fewer than five people in it.
    `words` are the short text that people are thanked with; `approved_digest` is the fingerprint of exactly the words that
    `approved_by`, who wrote none of them, agreed to. `thanked_at` is when the mails were planned, once for good. `lessons` are
    the team's answers to its own questions {key: text}; they stay inside.
    """

    campaign = models.OneToOneField(
        Campaign, models.CASCADE, primary_key=True, related_name="results", verbose_name=_("campaign")
    )
    figures = models.JSONField(_("figures"), default=dict)
    gathered_at = models.DateTimeField(_("gathered"))
    words = TranslatedField(_("words"), blank=True)
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("edited by"))
    edited_at = models.DateTimeField(_("edited"))
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_digest = models.CharField(_("fingerprint"), max_length=64, blank=True)
    thanked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("thanks sent by")
    )
    thanked_at = models.DateTimeField(_("thanks sent"), null=True, blank=True)
    lessons = models.JSONField(_("lessons"), default=dict)
    lessons_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lessons written by")
    )
    lessons_at = models.DateTimeField(_("lessons written"), null=True, blank=True)

    of_campaign = "campaign"

    class Meta:
        verbose_name = _("results of a campaign")
        verbose_name_plural = _("results of campaigns")
        permissions = [("approve_campaignresults", "Can approve the results of a campaign")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("edited_by")),
                name="results_approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(thanked_at=None) | models.Q(approved_by__isnull=False),
                name="thanks_say_what_was_approved",
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign_id)
