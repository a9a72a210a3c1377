"""The code of ethics that influencers sign, and the handbook that helps them keep it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless
from campaigns.models import Campaign, language_code

from .profiles import Influencer


class CodeOfEthics(models.Model):
    """The code of ethics in one language and version. `points` is how many there are to tick; body is Markdown."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="codes_of_ethics", verbose_name=_("campaign"))
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=160)
    signing = models.TextField(_("how to sign"), blank=True)
    points = models.PositiveSmallIntegerField(_("points to tick"))
    body = models.TextField(_("text (Markdown)"))

    class Meta:
        verbose_name = _("code of ethics")
        verbose_name_plural = _("codes of ethics")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "language", "version"], name="one_code_of_ethics_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.version}: {self.title}"


class Signature(Nameless, models.Model):
    """
    A signature under the code of ethics: which text, which of its points were ticked (`points`, in their words), when, and
    the SHA-256 (hex) of the whole text as it was read. Withdrawn, never deleted.
    """

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="signatures", verbose_name=_("influencer"))
    text = models.ForeignKey(CodeOfEthics, models.PROTECT, related_name="signatures", verbose_name=_("code of ethics"))
    points = models.JSONField(_("points ticked"), default=list, blank=True)
    sha256 = models.CharField(_("fingerprint of the text"), max_length=64, blank=True)
    signed_at = models.DateTimeField(_("signed"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    of_campaign = "influencer__campaign"

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["influencer", "text"],
                condition=models.Q(withdrawn_at=None),
                name="one_standing_signature_per_text",
            )
        ]

    def __str__(self) -> str:
        return f"{self.influencer}: {self.text}"


class Handbook(models.Model):
    """The influencer's handbook in one language and version; body is Markdown."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="handbooks", verbose_name=_("campaign"))
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=160)
    body = models.TextField(_("text (Markdown)"))

    class Meta:
        verbose_name = _("handbook")
        verbose_name_plural = _("handbooks")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "language", "version"], name="one_handbook_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.version}: {self.title}"
