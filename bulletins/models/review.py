"""Who said yes or no to which exact content. Append-only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .bulletin import Bulletin


class Review(models.Model):
    """One step of a bulletin's review: what was decided, by whom, when, on which digest, and why."""

    class Decision(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")
        VOIDED = "voided", _("voided by an edit")
        PUBLISHED = "published", _("published")

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="reviews", verbose_name=_("bulletin"))
    version = models.PositiveSmallIntegerField(_("version"))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    digest = models.CharField(_("fingerprint"), max_length=64)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "version", "digest"],
                condition=models.Q(decision="published"),
                name="a_version_is_published_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.bulletin}: {self.get_decision_display()}"
