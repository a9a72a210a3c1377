"""A draft of an edition by machine translation, until a person has read it and stands by it."""

import hashlib
import json

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .bulletins import SITUATION, Edition


class TranslationDraft(models.Model):
    """
    That someone asked for an edition to be drafted by a model on this machine. The row is the queue; Celery only wakes it.
    `digest` is of exactly the words that the model gave: while the edition has them and nobody owns them, they are a draft.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    WORDS = ("title", "subject", "preheader", "body", *SITUATION)

    edition = models.OneToOneField(Edition, models.CASCADE, related_name="machine_draft", verbose_name=_("edition"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("in progress until"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    digest = models.CharField(_("fingerprint of its words"), max_length=64, blank=True)
    owned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("read by")
    )
    owned_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("draft by machine translation")
        verbose_name_plural = _("drafts by machine translation")

    def __str__(self) -> str:
        return f"{self.edition}: {self.get_state_display()}"

    def is_unread(self, edition: Edition) -> bool:
        """Return whether the edition has exactly the model's words, and nobody said that they are theirs."""
        return self.state == self.State.DONE and self.owned_by_id is None and self.digest == words_digest(edition)


def words_digest(edition: Edition) -> str:
    """Return the SHA-256 (hex) of what an edition says."""
    words = [getattr(edition, name) for name in TranslationDraft.WORDS]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()
