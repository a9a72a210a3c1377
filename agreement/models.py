"""The columns by which a row is agreed to. A table that is older than this app may call some of them by names of its own (kinds.Columns)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .digests import CURRENT


class Agreeable(models.Model):
    """
    Something that one person writes and another one agrees to. `writers` are the keys of everybody who wrote what it says now;
    `digest` is the fingerprint of that, in the spelling of `digest_version`.
    """

    writers = models.JSONField(
        _("worked on by"), default=list, db_default=models.Value([], models.JSONField()), editable=False
    )
    digest = models.CharField(_("fingerprint"), max_length=64, blank=True, default="", db_default="", editable=False)
    digest_version = models.PositiveSmallIntegerField(default=CURRENT, db_default=0, editable=False)

    class Meta:
        abstract = True
