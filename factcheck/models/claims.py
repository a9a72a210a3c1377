"""Claims, what was found about them, and every step that led there."""

import hashlib
import json
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agreement.refusals import Refused
from campaigns.models import Campaign, Topic
from campaigns.publication_details import Printed, PrintedWords
from campaigns.translated_fields import TranslatedField, in_language
from lib.frozen_rows import Frozen, FrozenQuerySet

from .narratives import Narrative

# Addresses under /facts/ that are no claims.
RESERVED = {"report", "reported", "how-we-check", "corrections", "feed", "data", "cards", "sources", "narratives"}


NotConfirmable = Refused  # what fact-checks call it


def refuse_reserved(value: str) -> None:
    """Refuse a short name that another page has."""
    if value in RESERVED:
        raise ValidationError(_("Another page has this address. Choose another short name."))


class Verdict(models.TextChoices):
    """What was found. Fifty-fifty is not "half true": a part holds and a part does not. Unproven has no number."""

    TRUE = "true", _("true")
    FALSE = "false", _("false")
    FIFTY_FIFTY = "fifty_fifty", _("50–50")
    UNPROVEN = "unproven", _("unproven")


class Words(models.Model):
    """
    What a fact-check says, in the order in which it is read: the fact, a warning, the claim itself once, the fallacy,
    the fact again; then how it was checked and, with fewer than two independent sources, why.
    """

    text = TranslatedField(_("claim, as it is said"))
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True)
    fact = TranslatedField(_("fact"), blank=True)
    warning = TranslatedField(_("warning"), blank=True)
    fallacy = TranslatedField(_("fallacy"), blank=True)
    fact_again = TranslatedField(_("fact, again"), blank=True)
    how_checked = TranslatedField(_("how we checked"), blank=True)
    why_few_sources = TranslatedField(_("why there are fewer than two independent sources"), blank=True)
    what_changed = TranslatedField(_("what changed since the last version"), blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    check_again_by = models.DateField(_("to be checked again by"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    TEXTS = (
        "text",
        "fact",
        "warning",
        "fallacy",
        "fact_again",
        "how_checked",
        "why_few_sources",
        "what_changed",
    )

    class Meta:
        abstract = True


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Questions about many claims."""

    def published(self) -> Self:
        """Return the claims whose fact-check stands and anyone may read, the latest checked first; no duplicates."""
        return (
            self.filter(current_version__isnull=False, paused_at=None)
            .exclude(status__in=[Claim.Status.WITHDRAWN, Claim.Status.MERGED])
            .order_by("-current_version__checked_on", "-pk")
        )

    def visible(self) -> Self:
        """Return the claims that have a public page: those that were published, also if paused or withdrawn since."""
        return self.filter(current_version__isnull=False)

    def main(self) -> Self:
        """Return the claims that are not duplicates of others."""
        return self.filter(duplicate_of=None)


class Claim(Words):
    """
    Something said out there, and what was found. The words here are the working copy: readers see the version that
    stands (`current_version`). A verdict is proposed by one person and confirmed by another, over a digest of exactly what
    is published; `writers` are the keys of those who wrote on it since it was last published. `keywords` are words that it goes by in any language. A duplicate shares its main claim's verdict. What was opened
    to be put into a further language (`adds_language`) is not checked again.
    """

    Verdict = Verdict

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        IN_REVIEW = "in_review", _("in review")
        PROPOSED = "proposed", _("verdict proposed")
        CONFIRMED = "confirmed", _("verdict confirmed")
        PUBLISHED = "published", _("published")
        PAUSED = "paused", _("paused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        SET_ASIDE = "set_aside", _("set aside")
        MERGED = "merged", _("same as another")

    # What may still be written on: the rest stands as two people read it.
    EDITABLE = (Status.OPEN, Status.IN_REVIEW, Status.PROPOSED, Status.CONFIRMED)

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="claims", verbose_name=_("campaign"))
    narrative = models.ForeignKey(
        Narrative, models.SET_NULL, null=True, blank=True, related_name="claims", verbose_name=_("narrative")
    )
    slug = models.SlugField(_("short name"), max_length=60, validators=[refuse_reserved])
    keywords = models.JSONField(
        _("keywords"), default=list, blank=True, help_text=_("Names and words used for it in any language.")
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="claims", verbose_name=_("topics"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates", verbose_name=_("the same as")
    )
    current_version = models.OneToOneField(
        "ClaimVersion",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="stands_for",
        verbose_name=_("current version"),
    )
    digest = models.CharField(_("fingerprint of the proposal"), max_length=64, blank=True, editable=False)
    writers = models.JSONField(
        _("worked on by"), default=list, db_default=models.Value([], models.JSONField()), editable=False
    )
    proposed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verdict proposed by")
    )
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verdict confirmed by")
    )
    taken_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    adds_language = models.BooleanField(
        _("opened for a further language"), default=False, db_default=False, editable=False
    )
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    paused_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("paused by")
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
            models.CheckConstraint(
                condition=models.Q(status="merged", duplicate_of__isnull=False)
                | (~models.Q(status="merged") & models.Q(duplicate_of=None)),
                name="merged_claims_name_their_main_one",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="published") | models.Q(current_version__isnull=False),
                name="published_claims_have_a_version",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "status"], name="claim_by_status")]

    def __str__(self) -> str:
        return in_language(self.text) or self.slug

    def get_absolute_url(self) -> str:
        """Return the address of the public fact-check in the active language."""
        return reverse("factcheck:claim", args=[self.slug])

    def is_settled(self) -> bool:
        """Return whether its words are no longer written on, so that they stay as two people read them."""
        return self.status not in Claim.EDITABLE

    @property
    def next_version(self) -> int:
        """The number that its next published version will have; needs `current_version` at hand."""
        return self.current_version.number + 1 if self.current_version else 1

    @property
    def main_id(self) -> int:
        """The key of the claim whose verdict counts for this one."""
        return self.duplicate_of_id or self.pk

    @property
    def basis(self) -> str:
        """
        What a text that uses it rests on: the digest of what stands, or of what was confirmed and is yet to be
        published; "paused" or "withdrawn". Of a duplicate its main claim's. Needs `current_version` of both at hand.
        """
        main = self.duplicate_of or self
        if main.status == self.Status.WITHDRAWN:
            return "withdrawn"
        if main.paused_at:
            return "paused"
        return main.current_version.sha256 if main.current_version else main.digest

    def content(self) -> dict[str, Any]:
        """
        Return all that a verdict is about, as plain data: the words, the verdict, what it rests on, and the words that are
        printed with it (campaigns.publication_details); five queries at most.
        """
        words = {name: getattr(self, name) for name in self.TEXTS}
        return words | {
            "slug": self.slug,
            "verdict": self.verdict,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "check_again_by": self.check_again_by.isoformat() if self.check_again_by else None,
            "evidence": [
                {
                    "publisher": one.publisher,
                    "title": one.title,
                    "url": one.url,
                    "language": one.language,
                    "quote": one.quote,
                    "published_on": one.published_on.isoformat() if one.published_on else None,
                    "copy": one.copy.pk if one.copy else None,
                    "sha256": one.copy.sha256 if one.copy else "",
                    "archived_at": one.copy.fetched_at.isoformat() if one.copy else None,
                }
                for one in self.evidence.select_related("copy").defer("copy__text").order_by("pk")
            ],
            "printed": PrintedWords.of(self.campaign, topics=self.topics.all()).plain(),
        }

    def content_digest(self) -> str:
        """Return the SHA-256 (hex) of content(); five queries at most."""
        return hashlib.sha256(
            json.dumps(self.content(), sort_keys=True, ensure_ascii=False, default=str).encode()
        ).hexdigest()


class ClaimVersionQuerySet(FrozenQuerySet["ClaimVersion"]):
    """Questions about many versions."""

    def in_force(self) -> Self:
        """Return the versions that stand: the newest of each claim that is neither paused, withdrawn nor merged."""
        stands = self.filter(stands_for__isnull=False, claim__paused_at=None, claim__duplicate_of=None)
        return stands.exclude(kind=ClaimVersion.Kind.WITHDRAWAL)


class ClaimVersion(Frozen, Words, Printed):
    """
    A fact-check as it was published, never changed afterwards. `evidence` is Claim.content()["evidence"];
    `sha256` the digest that two people agreed on. A withdrawal keeps the words that were withdrawn. One that `adds_language` says the
    same as the one before it, in more languages, and is of its kind: nobody is told of it anew.
    """

    class Kind(models.TextChoices):
        ORIGINAL = "original", _("published")
        CORRECTION = "correction", _("corrected")
        WITHDRAWAL = "withdrawal", _("withdrawn")

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="versions", verbose_name=_("claim"))
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    adds_language = models.BooleanField(_("adds a language"), default=False, db_default=False)
    evidence = models.JSONField(_("pieces of evidence"), default=list)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    published_at = models.DateTimeField(_("published"))
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("verdict proposed by"))
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("verdict confirmed by"))

    objects = ClaimVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("published fact-check")
        verbose_name_plural = _("published fact-checks")
        ordering = ["claim", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="one_row_per_claim_version"),
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("confirmed_by")), name="version_needs_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{in_language(self.fact)} ({self.number})"

    @property
    def slug(self) -> str:
        """The claim's short name; needs `claim` at hand."""
        return self.claim.slug

    def get_absolute_url(self) -> str:
        """Return the address of the fact-check's page, which shows the version that stands; needs `claim` at hand."""
        return self.claim.get_absolute_url()

    def statement_in(self, language: str) -> str:
        """Return the fingerprint (SHA-256, hex) by which check_codes knows what it says in a language."""
        return hashlib.sha256(f"{self.claim_id} {self.number} {language}".encode()).hexdigest()

    def is_over(self, *, at: Any) -> bool:
        """Return whether it held only until a moment before `at`."""
        return self.valid_until is not None and self.valid_until <= at


class ClaimStep(models.Model):
    """
    One step of a claim: its history, and what the apps above still have to tell people (`passed_on_at` empty).

    `verdict` is the one after the step, `before` the one that stood before it ("" for none). `reason` is what the
    person wrote, for staff; `reader_text` the words for readers.
    """

    class Kind(models.TextChoices):
        REPORTED = "reported", _("reported")
        TAKEN_UP = "taken_up", _("checking started")
        PROPOSED = "proposed", _("verdict proposed")
        VOIDED = "voided", _("changed, so the proposal no longer counts")
        SENT_BACK = "sent_back", _("sent back")
        CONFIRMED = "confirmed", _("verdict confirmed")
        PUBLISHED = "published", _("published")
        CORRECTED = "corrected", _("corrected")
        PAUSED = "paused", _("paused")
        RESUMED = "resumed", _("shown again")
        REOPENED = "reopened", _("reopened")
        WITHDRAWN = "withdrawn", _("withdrawn")
        SET_ASIDE = "set_aside", _("set aside")
        MERGED = "merged", _("found to be the same as another")
        SPLIT = "split", _("found to be different")

    # What whoever used a fact-check must hear of.
    NEWS = (Kind.CORRECTED, Kind.PAUSED, Kind.RESUMED, Kind.WITHDRAWN)

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="steps", verbose_name=_("claim"))
    kind = models.CharField(_("step"), max_length=10, choices=Kind)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("at"))
    reason = models.TextField(_("reason"), blank=True)
    reader_text = TranslatedField(_("text for readers"), blank=True)
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, blank=True)
    before = models.CharField(_("previous verdict"), max_length=12, choices=Verdict, blank=True)
    version = models.ForeignKey(
        ClaimVersion, models.CASCADE, null=True, blank=True, related_name="steps", verbose_name=_("version")
    )
    passed_on_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("claim step")
        verbose_name_plural = _("claim steps")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at"], name="claim_step_to_pass_on", condition=models.Q(passed_on_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.claim_id}"


class Distinction(models.Model):
    """Someone looked at two claims that look alike and found them different. The lower key comes first."""

    one = models.ForeignKey(Claim, models.CASCADE, related_name="+", verbose_name=_("claim"))
    other = models.ForeignKey(Claim, models.CASCADE, related_name="+", verbose_name=_("other claim"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("distinction")
        verbose_name_plural = _("distinctions")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="one_distinction_per_pair"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="distinction_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"
