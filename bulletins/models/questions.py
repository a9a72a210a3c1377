"""Questions that influencers relay, grouped by meaning, and the authorities' answers."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.fields import TranslatedField, in_language
from campaigns.models import Authority, Campaign, Topic
from delivery.models import Recipient

from .bulletin import Bulletin
from .inputs import InputFact


class QuestionGroup(models.Model):
    """Questions that mean the same, answered once."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ASKED = "asked", _("with the authority")
        ANSWERED = "answered", _("answered")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="question_groups", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"), max_length=60)
    label = TranslatedField(_("question in short"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)

    class Meta:
        verbose_name = _("question group")
        verbose_name_plural = _("question groups")
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="one_group_per_campaign_slug")]

    def __str__(self) -> str:
        return in_language(self.label) or self.slug


class Question(models.Model):
    """A question in the asker's own words. `relayed_by` is who brought it; never shown in public."""

    group = models.ForeignKey(
        QuestionGroup, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("group")
    )
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="questions", verbose_name=_("campaign"))
    bulletin = models.ForeignKey(
        Bulletin, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("about")
    )
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("topic")
    )
    language = models.CharField(_("language"), max_length=12)
    text = models.TextField(_("question"))
    channel = models.CharField(_("where it was asked"), max_length=40, blank=True)
    relayed_by = models.ForeignKey(
        Recipient, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("relayed by")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return self.text[:80]


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Questions about many answers."""

    def published(self, *, at: Any) -> "AnswerQuerySet":
        """Return the answers that anyone may read at `at`, the newest first."""
        return self.filter(published_at__lte=at).order_by("-published_at")


class Answer(models.Model):
    """
    An authority's answer to a group of questions, in text and often on video.

    `subtitles` is {language code: WebVTT}; `video_seconds` is the length.
    """

    group = models.OneToOneField(QuestionGroup, models.CASCADE, related_name="answer", verbose_name=_("group"))
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="answers", verbose_name=_("authority"))
    text = TranslatedField(_("answer"))
    fact = models.ForeignKey(
        InputFact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("rests on")
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    video_url = models.URLField(_("video"), blank=True)
    video_language = models.CharField(_("spoken language"), max_length=12, blank=True)
    video_seconds = models.PositiveIntegerField(_("length in seconds"), null=True, blank=True)
    subtitles = models.JSONField(_("subtitles"), default=dict, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return str(self.group)
