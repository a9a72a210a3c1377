"""What checks keep: links that were tried, and findings that somebody let stand."""

from typing import Any

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .bulletins import Bulletin


class LinkCheck(models.Model):
    """What came of the last try to open an address. `status` is the HTTP status, 0 when there was no answer."""

    url = models.URLField(_("address"), max_length=1000, unique=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    works = models.BooleanField(_("works"), null=True)
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked"))

    class Meta:
        verbose_name = _("link check")
        verbose_name_plural = _("link checks")
        ordering = ["-checked_at"]

    def __str__(self) -> str:
        return self.url


class Override(models.Model):
    """
    A person's word that a finding may stand in this version, and why. Approvers see it: it is part of the digest.

    `key` is the finding's own key (checks.findings.Finding.key), which changes when what was found changes.
    """

    LEFT_OUT = gettext_noop("Left out when the update was taken over.")

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="overrides", verbose_name=_("bulletin"))
    version = models.PositiveSmallIntegerField(_("version"))
    code = models.CharField(_("finding type"), max_length=40)
    key = models.CharField(_("finding"), max_length=64)
    says = models.TextField(_("what was found"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "version", "key"], name="one_override_per_finding"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="override_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.bulletin}: {self.code}"

    @property
    def why(self) -> str:
        """The reason for people: a person's words as they are, ours in the reader's language."""
        return gettext(self.reason) if self.reason == self.LEFT_OUT else self.reason

    def content(self) -> dict[str, Any]:
        """Return the override as plain data."""
        return {"code": self.code, "key": self.key, "reason": self.reason}
