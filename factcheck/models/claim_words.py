"""What claims are searched by. Rows that can be made again from the claims at any time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .claims import Claim


class ClaimWords(models.Model):
    """
    The words of a claim in one language as they are compared (`text`: lower case, no accents, one space), what it goes
    by in any language (`keywords`, separated and surrounded by spaces), and the numbers that an embedder made of it.

    On PostgreSQL `text` and `keywords` have trigram indexes (migration 0001).
    """

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="words", verbose_name=_("claim"))
    language = models.CharField(_("language"), max_length=12)
    text = models.TextField(_("words"))
    keywords = models.TextField(_("keywords"), blank=True)
    vector = models.BinaryField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("claim terms")
        verbose_name_plural = _("claim terms")
        constraints = [models.UniqueConstraint(fields=["claim", "language"], name="one_row_per_claim_language")]

    def __str__(self) -> str:
        return self.text
