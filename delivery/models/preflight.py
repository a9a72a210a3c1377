"""What the preflight of a sending domain found."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Preflight(models.Model):
    """
    What was found when a sending domain was last looked at: `findings` are {check, ok, says, do}, in English from
    gettext_noop; translated where they are shown.
    """

    domain = models.CharField(_("domain"), max_length=253)
    at = models.DateTimeField(_("checked at"))
    passed = models.BooleanField(_("passed"))
    findings = models.JSONField(_("findings"), default=list)

    class Meta:
        verbose_name = _("preflight")
        verbose_name_plural = _("preflights")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.domain} {self.at}"
