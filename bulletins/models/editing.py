"""Beside the text: ready phrases, words set aside in a conflict, who is here, links that were tried, overrides."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField

from .bulletins import Bulletin


class Snippet(models.Model):
    """A ready phrase of a campaign in its languages, to be put into a text. Markdown."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="snippets", verbose_name=_("campaign"))
    name = models.CharField(_("name"), max_length=80)
    text = TranslatedField(_("words"))

    class Meta:
        verbose_name = _("snippet")
        verbose_name_plural = _("snippets")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["campaign", "name"], name="one_snippet_per_name")]

    def __str__(self) -> str:
        return self.name


class SetAside(models.Model):
    """
    Words that were refused because someone else had changed the same field meanwhile: kept, never lost.

    `part` and `field` name the place ("edition:fi", "body"); `text` is what was refused. `settled_at` is when the
    writer had chosen between the two.
    """

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="set_aside", verbose_name=_("bulletin"))
    part = models.CharField(_("part"), max_length=60)
    field = models.CharField(_("field"), max_length=40)
    text = models.TextField(_("words"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("text set aside")
        verbose_name_plural = _("text set aside")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.bulletin} {self.part} {self.field}"


class FactChange(models.Model):
    """
    A fact that was given another value in all its places at once. `texts` holds [place, before, after] of each text that it
    changed (bulletins/facts/text_places.py names the places), by which it is undone; `words` what a correction was then
    proposed to say, {"what_changed": {language: text}, "share_text": …}.
    """

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


class Presence(models.Model):
    """Who has a bulletin open, in which part, and when that was last heard of."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="presences", verbose_name=_("bulletin"))
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("user"))
    part = models.CharField(_("part"), max_length=60, blank=True)
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["bulletin", "user"], name="one_presence_per_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.bulletin}"


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

    `key` is the finding's own key (linting.Finding.key), which changes when what was found changes.
    """

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

    def content(self) -> dict[str, Any]:
        """Return the override as plain data."""
        return {"code": self.code, "key": self.key, "reason": self.reason}
