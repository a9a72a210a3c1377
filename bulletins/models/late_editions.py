"""An edition that follows a published version in a language that it did not wait for."""

import hashlib
import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .versions import Version


class LateEdition(models.Model):
    """
    A published version in one more language, in the making. `words` are its texts: title, subject, preheader, body, what_changed,
    share_text, and `messages` and `actions` as {key: text}. `written_by` are the keys of those who wrote it: none of them approves
    it. `digest` is the fingerprint of exactly what was submitted; any change clears it. `remarks` are what
    the checks found in it that may be right all the same: whoever approves it reads them. `sent_back_because` is what has to
    change, until it is submitted again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")

    version = models.ForeignKey(Version, models.PROTECT, related_name="late_editions", verbose_name=_("version"))
    language = models.CharField(_("language"), max_length=12)
    words = models.JSONField(_("words"), default=dict)
    state = models.CharField(_("stage"), max_length=10, choices=State, default=State.DRAFT)
    digest = models.CharField(_("fingerprint in review"), max_length=64, blank=True)
    written_by = models.JSONField(_("written by"), default=list)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    signed_off_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed off by")
    )
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    remarks = models.JSONField(
        _("to look at"), default=list, db_default=models.Value([], models.JSONField()), editable=False
    )
    sent_back_because = models.TextField(_("sent back because"), blank=True, default="", db_default="", editable=False)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("edition that follows")
        verbose_name_plural = _("editions that follow")
        constraints = [models.UniqueConstraint(fields=["version", "language"], name="one_late_edition_per_language")]

    def __str__(self) -> str:
        return f"{self.version}: {self.language}"

    def fingerprint(self) -> str:
        """Return the SHA-256 (hex) of its words, its language and what it belongs to."""
        covered: list[Any] = [self.version.digest, self.version.number, self.language, self.words]
        canonical = json.dumps(covered, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
