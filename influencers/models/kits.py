"""Who used which fact-check, so that they hear of it when its verdict changes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless
from factcheck.models import ClaimVersion

from .profiles import Influencer


class KitUse(Nameless, models.Model):
    """
    An influencer took a rebuttal kit: opened it, copied its words or downloaded its picture, in one version, for one
    platform ("" for the page as a whole) and language. `named` tells whether it named the falsehood.
    """

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="kit_uses", verbose_name=_("influencer"))
    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="kit_uses", verbose_name=_("version"))
    platform = models.CharField(_("platform"), max_length=12, blank=True)
    language = models.CharField(_("language"), max_length=12)
    named = models.BooleanField(_("named the falsehood"), default=False)
    opened_at = models.DateTimeField(_("opened"))
    copied_at = models.DateTimeField(_("copied"), null=True, blank=True)
    downloaded_at = models.DateTimeField(_("downloaded"), null=True, blank=True)

    class Meta:
        verbose_name = _("kit use")
        verbose_name_plural = _("kit uses")
        constraints = [
            models.UniqueConstraint(
                fields=["influencer", "version", "platform", "language"], name="one_row_per_kit_use"
            )
        ]

    def __str__(self) -> str:
        return f"{self.influencer_id}: {self.version_id} {self.platform} {self.language}"
