"""What was published in which order, and the digests that subscribers got of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bulletins.models import Version
from campaigns.models import Campaign
from delivery.models import Audience, Mailing
from factcheck.models import ClaimStep
from questions.models import AnswerVersion


class Publication(models.Model):
    """
    Something that readers can see from `at` on: a version of a bulletin or an answer, or news of a fact-check.

    `number` is its place in the campaign's order, given in the order in which publications became visible to all
    (never by the clock): by it subscribers' cursors count. It is None for the moment until it is given.
    `about` names the thing whose versions belong together ("bulletin-12", "answer-5", "fact-7", by primary key).
    `topics` are the keys of its topics at that moment; an empty list is for everyone.
    """

    class Change(models.TextChoices):
        NEW = "new", _("new")
        CORRECTED = "corrected", _("corrected")
        PAUSED = "paused", _("paused")
        RESUMED = "resumed", _("shown again")
        WITHDRAWN = "withdrawn", _("withdrawn")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="publications", verbose_name=_("campaign"))
    number = models.BigIntegerField(_("number"), null=True, blank=True)
    about = models.CharField(_("about"), max_length=40)
    change = models.CharField(_("change"), max_length=10, choices=Change)
    topics = models.JSONField(_("topics"), default=list)
    at = models.DateTimeField(_("published"))
    version = models.OneToOneField(
        Version, models.PROTECT, null=True, blank=True, related_name="publication", verbose_name=_("bulletin's version")
    )
    answer_version = models.OneToOneField(
        AnswerVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="publication",
        verbose_name=_("answer's version"),
    )
    claim_step = models.OneToOneField(
        ClaimStep, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fact-check update")
    )

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_publication_per_number"),
            models.CheckConstraint(
                condition=models.Q(version__isnull=False, answer_version=None, claim_step=None)
                | models.Q(version=None, answer_version__isnull=False, claim_step=None)
                | models.Q(version=None, answer_version=None, claim_step__isnull=False),
                name="publication_is_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign"], condition=models.Q(number=None), name="publication_without_number")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.about}"


class PublicationCount(models.Model):
    """The last number given to a publication of a campaign. Whoever gives numbers, or plans by them, holds this row."""

    campaign = models.OneToOneField(Campaign, models.PROTECT, related_name="publication_count")
    last = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("publication count")
        verbose_name_plural = _("publication counts")

    def __str__(self) -> str:
        return f"{self.campaign}: {self.last}"


class DigestRun(models.Model):
    """
    A slot of a digest audience, planned: up to which publication. `again` is 0 for the slot itself, higher when those
    whom a stopped digest did not leave to are served once more.
    """

    audience = models.ForeignKey(Audience, models.PROTECT, related_name="digest_runs", verbose_name=_("audience"))
    slot_at = models.DateTimeField(_("slot"))
    again = models.PositiveSmallIntegerField(_("once more"), default=0)
    upto = models.BigIntegerField(_("up to publication"))
    planned_at = models.DateTimeField(_("planned"))
    readers = models.PositiveIntegerField(_("readers"), default=0)
    silent = models.PositiveIntegerField(_("readers with nothing new"), default=0)

    of_campaign = "audience__campaign"

    class Meta:
        verbose_name = _("digest slot")
        verbose_name_plural = _("digest slots")
        ordering = ["-slot_at", "-again"]
        constraints = [
            models.UniqueConstraint(fields=["audience", "slot_at", "again"], name="one_run_per_audience_slot")
        ]

    def __str__(self) -> str:
        return f"{self.audience}: {self.slot_at}"


class Digest(models.Model):
    """A digest: what one mailing to subscribers says, in all its languages. `run` is the slot it was made for."""

    run = models.ForeignKey(DigestRun, models.PROTECT, related_name="digests", verbose_name=_("slot"))
    mailing = models.OneToOneField(Mailing, models.PROTECT, related_name="digest", verbose_name=_("mailing"))

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")

    def __str__(self) -> str:
        return str(self.mailing)


class DigestItem(models.Model):
    """A publication that a digest tells of, at its place: corrections of what its readers were told come first."""

    digest = models.ForeignKey(Digest, models.CASCADE, related_name="items", verbose_name=_("digest"))
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+", verbose_name=_("publication"))
    position = models.PositiveSmallIntegerField(_("position"))
    is_correction = models.BooleanField(_("corrects what its readers were told"), default=False)

    class Meta:
        verbose_name = _("digest item")
        verbose_name_plural = _("digest items")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["digest", "publication"], name="one_item_per_publication")]

    def __str__(self) -> str:
        return f"{self.digest}: {self.publication}"
