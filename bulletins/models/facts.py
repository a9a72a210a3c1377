"""Facts that were changed in all their places at once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .bulletins import Bulletin


class FactChange(models.Model):
    """
    A fact that was given another value in all its places at once. `texts` holds [place, before, after] of each text that it
    changed (bulletins/facts/text_places.py names the places), by which it is undone; `words` what a correction was then
    proposed to say, {"what_changed": {language: text}, "share_text": …}.
    """

    NEW = "new"  # what came with an update; `becomes` names it (checks/consistency/update_facts.py)

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="fact_changes", verbose_name=_("bulletin"))
    version = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=10)
    was = models.CharField(_("value before"), max_length=200)
    becomes = models.CharField(_("new value"), max_length=200)
    texts = models.JSONField(_("texts"), default=list)
    words = models.JSONField(
        _("words of the correction"), default=dict, db_default=models.Value({}, models.JSONField())
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    undone_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of a fact")
        verbose_name_plural = _("changes of facts")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.was} → {self.becomes}"
