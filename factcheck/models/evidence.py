"""What a verdict rests on, and the copies of it that stay when a page changes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from lib.frozen_rows import Frozen, FrozenQuerySet

from .claims import Claim


class ArchivedCopy(Frozen):
    """
    The text of a page as it was at `fetched_at`, never changed afterwards. `sha256` (hex) is of `text` in UTF-8.

    `url` is the address that answered in the end. `by` is who pasted it by hand where the page could not be fetched.
    """

    sha256 = models.CharField(_("fingerprint"), max_length=64, db_index=True)
    url = models.URLField(_("address"), max_length=1000)
    title = models.CharField(_("title"), max_length=300, blank=True)
    text = models.TextField(_("text"))
    fetched_at = models.DateTimeField(_("copied"))
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("copied by hand by")
    )

    objects = FrozenQuerySet["ArchivedCopy"].as_manager()

    class Meta:
        verbose_name = _("archived copy")
        verbose_name_plural = _("archived copies")
        constraints = [models.UniqueConstraint(fields=["url", "sha256"], name="one_copy_per_page_text")]

    def __str__(self) -> str:
        return f"{self.title or self.url} ({self.sha256[:12]})"


class Evidence(models.Model):
    """
    What a verdict rests on. `copy` is the page as it was; until there is one, `archive_fault` says why not: a code of
    lib.http.safe_fetch.FetchFault, or "status-404", "large", "not_text-pdf", "empty", "elsewhere" (see archive.fault_sentence).
    """

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="evidence", verbose_name=_("claim"))
    publisher = models.CharField(_("publisher"), max_length=200)
    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=500)
    language = models.CharField(_("language"), max_length=12, blank=True)
    quote = models.TextField(_("quote"), blank=True, max_length=2000)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    copy = models.ForeignKey(
        ArchivedCopy, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("archived copy")
    )
    archive_wanted_at = models.DateTimeField(null=True, blank=True, editable=False)
    archive_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    archive_fault = models.CharField(_("why there is no copy"), max_length=20, blank=True, editable=False)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("pieces of evidence")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["claim", "url"], name="one_row_per_claim_source")]
        indexes = [
            models.Index(
                fields=["archive_wanted_at"],
                name="evidence_to_archive",
                condition=models.Q(archive_wanted_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.publisher}: {self.title}"
