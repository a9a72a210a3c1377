"""
Pulse surveys: what is asked of whom, and what came of it. What is kept of people and what of answers have nothing in common:
docs/operating/data/surveys.md says what anybody who has the database can and cannot learn.
"""

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from agreement.models import Agreeable
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.models import Audience, Recipient

MOST_QUESTIONS = 3
LONGEST_TEXT = 200  # characters of a free text


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Questions about many surveys."""

    def taking_answers(self, *, at: datetime) -> Self:
        """Return the surveys that can be answered at `at`."""
        return self.filter(state=Survey.State.OPEN, closes_at__gt=at, campaign__closed_at=None)

    def to_close(self, *, at: datetime) -> Self:
        """Return the open surveys whose time is over, or whose campaign has ended."""
        return self.filter(models.Q(closes_at__lte=at) | models.Q(campaign__closed_at__lte=at), state=Survey.State.OPEN)


class Survey(Agreeable, models.Model):
    """
    At most three questions to people drawn by lot from a group (`DRAWN`), or to whoever has its link (`PUBLIC`).

    `questions` is a list of {"key", "kind": "scale" or "text", "text": {language: words}}; surveys ask the same where the key is
    the same. Who wrote any of it (`writers`) cannot start it. The draw can be repeated from `seed`: drawn is whoever's mark
    is at most `last_mark` (lib.statistics.draws), of the `drawn_among` who could be. `answers` is how many there were, counted when
    it closed; 0 before, and where there were too few to say anything.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Way(models.TextChoices):
        DRAWN = "drawn", _("people drawn by lot")
        PUBLIC = "public", _("anyone with the link")

    class Group(models.TextChoices):
        INFLUENCERS = "influencers", _("influencers")
        SUBSCRIBERS = "subscribers", _("digest subscribers")
        FOLLOWERS = "followers", _("followers")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="surveys", verbose_name=_("campaign"))
    name = models.CharField(_("name"), max_length=120)
    way = models.CharField(_("who answers"), max_length=8, choices=Way, default=Way.DRAWN)
    group = models.CharField(_("group"), max_length=12, choices=Group, default=Group.INFLUENCERS)
    audience = models.ForeignKey(
        Audience, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("audience")
    )
    size = models.PositiveIntegerField(_("how many people to draw"), default=200)
    apart_weeks = models.PositiveSmallIntegerField(_("weeks until anyone is asked again"), default=7)
    open_days = models.PositiveSmallIntegerField(_("days to answer"), default=7)
    questions = models.JSONField(_("questions"), default=list)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    composed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("composed by"))
    composed_at = models.DateTimeField(_("composed"))
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("started by")
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    code = models.CharField(_("code of the link"), max_length=16, unique=True, null=True, blank=True)
    seed = models.CharField(_("seed"), max_length=32, blank=True)
    last_mark = models.CharField(_("last mark"), max_length=64, blank=True)
    drawn_among = models.PositiveIntegerField(_("people who could be drawn"), default=0)
    drawn = models.PositiveIntegerField(_("people drawn"), default=0)
    answers = models.PositiveIntegerField(_("answers"), default=0)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-composed_at", "-pk"]
        permissions = [("start_survey", "Can start a survey"), ("read_survey_texts", "Can read what people wrote")]
        indexes = [models.Index(fields=["closes_at"], name="survey_open", condition=models.Q(state="open"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(started_by=None) | ~models.Q(started_by=models.F("composed_by")),
                name="survey_started_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(started_at__isnull=False, closes_at__isnull=False),
                name="survey_that_runs_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Whether whoever has its link may answer."""
        return self.way == self.Way.PUBLIC

    def takes_answers(self, *, at: datetime) -> bool:
        """Return whether it can be answered at `at`."""
        return self.state == self.State.OPEN and self.closes_at is not None and at < self.closes_at

    def asked_in(self, language: str | None = None) -> list[dict[str, Any]]:
        """Return the questions with their words in one language, the active one unless told, as `words`."""
        return [question | {"words": in_language(question["text"], language)} for question in self.questions]


class Asked(Nameless, models.Model):
    """
    That a person was drawn on a date: so that nobody is asked again too soon, and that nobody gets two links. It says neither
    which ticket was theirs nor whether they answered, and has no time.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="asked", verbose_name=_("survey"))
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="+", verbose_name=_("recipient"))
    on = models.DateField(_("asked on"))
    is_mailed = models.BooleanField(_("mail has left"), default=False)
    is_taken = models.BooleanField(_("has a link"), default=False)

    of_campaign = "survey__campaign"

    class Meta:
        verbose_name = _("person asked")
        verbose_name_plural = _("people asked")
        constraints = [models.UniqueConstraint(fields=["survey", "recipient"], name="one_ask_per_survey_and_person")]
        indexes = [
            models.Index(fields=["survey"], name="asked_to_mail", condition=models.Q(is_mailed=False)),
            models.Index(fields=["on"], name="asked_on"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.on}"


class Ticket(models.Model):
    """The right to answer once: the hash of a random token, made with all others of its survey, and deleted by the answer."""

    token_hash = models.CharField(primary_key=True, max_length=64)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="tickets", verbose_name=_("survey"))

    of_campaign = "survey__campaign"

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")

    def __str__(self) -> str:
        return self.token_hash[:8]


class SealedBox(models.Model):
    """
    Equal parts under one seal (impact/surveys/sealed_boxes.py): tokens that nobody has yet (`HAT`), or answers that are not mixed
    yet (`BOX`). Each change writes all of it anew, shuffled: neither the order nor what came last shows from outside.
    """

    class Kind(models.TextChoices):
        HAT = "hat", _("tokens")
        BOX = "box", _("answers")

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="boxes", verbose_name=_("survey"))
    kind = models.CharField(max_length=3, choices=Kind)
    number = models.PositiveIntegerField()
    parts = models.PositiveIntegerField(default=0)
    sealed = models.TextField()

    of_campaign = "survey__campaign"

    class Meta:
        verbose_name = _("sealed box")
        verbose_name_plural = _("sealed boxes")
        constraints = [models.UniqueConstraint(fields=["survey", "kind", "number"], name="one_box_per_number")]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.kind} {self.number}"


class Tally(models.Model):
    """
    How many gave one answer to one question, in one language; `language` is "" for the small groups, counted together. Written
    once, when the survey closes. `question` counts from 0, `option` is its place on the scale.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="tallies", verbose_name=_("survey"))
    question = models.PositiveSmallIntegerField(_("question"))
    language = models.CharField(_("language"), max_length=12, blank=True)
    option = models.PositiveSmallIntegerField(_("answer"))
    count = models.PositiveIntegerField(_("people"))

    of_campaign = "survey__campaign"

    class Meta:
        verbose_name = _("count of answers")
        verbose_name_plural = _("counts of answers")
        constraints = [
            models.UniqueConstraint(fields=["survey", "question", "language", "option"], name="one_tally_per_answer")
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.question} {self.language} {self.option}: {self.count}"


class FreeText(models.Model):
    """What somebody wrote. It stands alone: no key but chance, no time, no other answer of theirs; written when the survey closes."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="texts", verbose_name=_("survey"))
    question = models.PositiveSmallIntegerField(_("question"))
    text = models.CharField(_("text"), max_length=LONGEST_TEXT)

    of_campaign = "survey__campaign"

    class Meta:
        verbose_name = _("free text")
        verbose_name_plural = _("free texts")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.text
