"""Beside the text: ready phrases, words that a conflict set aside, and who is here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language

from .bulletins import Bulletin


class Snippet(models.Model):
    """
    A ready phrase of a campaign in its languages, to be put into a text (Markdown), or a way to help, which is offered as a
    call to action.
    """

    class Kind(models.TextChoices):
        PHRASE = "phrase", _("phrase for a text")
        WAY_TO_HELP = "way_to_help", _("way to help")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="snippets", verbose_name=_("campaign"))
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PHRASE, db_default=Kind.PHRASE)
    text = TranslatedField(_("words"))

    class Meta:
        verbose_name = _("snippet")
        verbose_name_plural = _("snippets")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["campaign", "name"], name="one_snippet_per_name")]

    def __str__(self) -> str:
        return self.name


class ChecklistPoint(models.Model):
    """A point that a campaign's editors tick before they submit, besides CERC's six (checks/checklist.py)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="checklist_points", verbose_name=_("campaign"))
    key = models.SlugField(_("short name"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = TranslatedField(_("point"))
    why = TranslatedField(_("why"), blank=True)

    class Meta:
        verbose_name = _("checklist point")
        verbose_name_plural = _("checklist")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="one_checklist_point_per_key")]

    def __str__(self) -> str:
        return in_language(self.text) or self.key


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
