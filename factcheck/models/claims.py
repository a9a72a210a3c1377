"""Claims, the narratives that they serve, where they were seen, what was found and what it rests on."""

from datetime import datetime
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.fields import TranslatedField, in_language
from campaigns.models import Campaign, Topic


class NotConfirmable(Exception):
    """A refused verdict. The text says why and what now, in the user's language."""


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


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Questions about many claims."""

    def published(self) -> Self:
        """Return the claims whose fact-check anyone may read, the newest first."""
        return self.filter(status=Claim.Status.PUBLISHED).order_by("-checked_on", "-pk")


class Claim(models.Model):
    """
    Something said out there, and what was found. A rebuttal goes fact → warning → fallacy → fact, with the
    claim itself said once. A verdict is proposed by one person and confirmed by another.
    """

    class Verdict(models.TextChoices):
        TRUE = "true", _("true")
        FALSE = "false", _("false")
        FIFTY_FIFTY = "fifty_fifty", _("50–50")
        UNPROVEN = "unproven", _("unproven")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        IN_REVIEW = "in_review", _("in review")
        PROPOSED = "proposed", _("verdict proposed")
        CONFIRMED = "confirmed", _("verdict confirmed")
        PUBLISHED = "published", _("published")
        PAUSED = "paused", _("paused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="claims", verbose_name=_("campaign"))
    narrative = models.ForeignKey(
        Narrative, models.SET_NULL, null=True, blank=True, related_name="claims", verbose_name=_("narrative")
    )
    slug = models.SlugField(_("short name"), max_length=60)
    text = TranslatedField(_("claim, as it is said"))
    topics = models.ManyToManyField(Topic, blank=True, related_name="claims", verbose_name=_("topics"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True)
    fact = TranslatedField(_("fact"), blank=True)
    warning = TranslatedField(_("warning"), blank=True)
    fallacy = TranslatedField(_("fallacy"), blank=True)
    fact_again = TranslatedField(_("fact, again"), blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verdict proposed by")
    )
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verdict confirmed by")
    )
    created_at = models.DateTimeField(_("reported"), default=timezone.now)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "slug"], name="one_claim_per_campaign_slug"),
            models.CheckConstraint(
                condition=~models.Q(status__in=["confirmed", "published"])
                | (
                    ~models.Q(verdict="")
                    & models.Q(proposed_by__isnull=False, confirmed_by__isnull=False)
                    & ~models.Q(proposed_by=models.F("confirmed_by"))
                ),
                name="verdict_needs_two_people",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.text) or self.slug

    def get_absolute_url(self) -> str:
        """Return the address of the public fact-check in the active language."""
        return reverse("factcheck:claim", args=[self.slug])

    def propose(self, verdict: str, *, by: User) -> None:
        """Propose a verdict (one of Verdict). Raise NotConfirmable when the claim is not under review."""
        won = Claim.objects.filter(
            pk=self.pk, status__in=[self.Status.OPEN, self.Status.IN_REVIEW, self.Status.PROPOSED]
        ).update(status=self.Status.PROPOSED, verdict=verdict, proposed_by=by, confirmed_by=None)
        self.refresh_from_db()
        if not won:
            raise NotConfirmable(_("Not proposed: this claim is not under review. Nothing changed."))

    def confirm(self, *, by: User, at: datetime) -> None:
        """Confirm the proposed verdict as a second person. Raise NotConfirmable for the first one."""
        if self.proposed_by_id == by.pk:
            raise NotConfirmable(_("Not confirmed: whoever proposed a verdict cannot confirm it. Ask a colleague."))
        won = (
            Claim.objects.filter(pk=self.pk, status=self.Status.PROPOSED, verdict=self.verdict)
            .exclude(proposed_by=by)
            .update(status=self.Status.CONFIRMED, confirmed_by=by, checked_on=at.date())
        )
        self.refresh_from_db()
        if not won:
            raise NotConfirmable(_("Not confirmed: the verdict changed meanwhile. Read it again."))

    def publish(self) -> None:
        """Show the fact-check to everyone. Raise NotConfirmable unless two people agreed on the verdict."""
        won = Claim.objects.filter(pk=self.pk, status=self.Status.CONFIRMED).update(status=self.Status.PUBLISHED)
        self.refresh_from_db()
        if not won:
            raise NotConfirmable(_("Not published: the verdict has not been confirmed by a second person."))


class Evidence(models.Model):
    """What a verdict rests on. `archived_sha256` is the fingerprint of `archived_text`, the page as it was."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="evidence", verbose_name=_("claim"))
    publisher = models.CharField(_("publisher"), max_length=200)
    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=500)
    quote = models.TextField(_("quote"), blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    archived_text = models.TextField(_("archived copy"), blank=True)
    archived_sha256 = models.CharField(_("fingerprint of the copy"), max_length=64, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("pieces of evidence")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["claim", "url"], name="one_row_per_claim_source")]

    def __str__(self) -> str:
        return f"{self.publisher}: {self.title}"


class Sighting(models.Model):
    """Where a claim was seen. `reach` in people, when known. The reporter is never shown in public."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="sightings", verbose_name=_("claim"))
    platform = models.CharField(_("platform"), max_length=30)
    url = models.URLField(_("address"), max_length=500, blank=True)
    reach = models.PositiveIntegerField(_("reach"), null=True, blank=True)
    seen_on = models.DateField(_("seen on"))
    language = models.CharField(_("language"), max_length=12)
    reporter = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reported by")
    )

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        ordering = ["-seen_on"]

    def __str__(self) -> str:
        return f"{self.platform} {self.seen_on}"
