"""Who agreed or no to which exact content. Append-only."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .bulletins import Bulletin


class ReviewQuerySet(models.QuerySet["Review"]):
    """Writing down a step."""

    def note(
        self, bulletin: Bulletin, decision: str, *, digest: str, by: User | None, at: datetime, reason: str = ""
    ) -> "Review":
        """Write one step of a bulletin's present version and return it."""
        return self.create(
            bulletin=bulletin, version=bulletin.version, decision=decision, digest=digest, by=by, at=at, reason=reason
        )


class Review(models.Model):
    """
    One step of a bulletin's way: what was decided, by whom, when, on which digest, and why.

    EDITED notes once per person and version that someone changed more than an edition's text (which has its own
    revisions): whoever edited does not approve.
    """

    class Decision(models.TextChoices):
        EDITED = "edited", _("edited")
        SUBMITTED = "submitted", _("submitted")
        SIGNED_OFF = "signed_off", _("signed off by a fact-checker")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")
        VOIDED = "voided", _("cancelled by an edit")
        PUBLISHED = "published", _("published")

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="reviews", verbose_name=_("bulletin"))
    version = models.PositiveSmallIntegerField(_("version"))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    digest = models.CharField(_("fingerprint"), max_length=64, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason = models.TextField(_("reason"), blank=True)

    objects = ReviewQuerySet.as_manager()
    of_campaign = "bulletin__campaign"

    class Meta:
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "version", "digest"],
                condition=models.Q(decision="published"),
                name="a_version_is_published_once",
            ),
            models.UniqueConstraint(
                fields=["bulletin", "version", "by"],
                condition=models.Q(decision="edited"),
                name="an_editor_is_noted_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bulletin}: {self.get_decision_display()}"
