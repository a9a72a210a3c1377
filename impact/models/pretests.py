"""Pretests: a draft that is shown to a few people before it is approved, and what they answered."""

from datetime import datetime

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from bulletins.models import Bulletin
from delivery.models import Recipient

LONGEST_TEXT = 500  # characters of what somebody writes to one question


class PretestQuerySet(models.QuerySet["Pretest"]):
    """Questions about many pretests."""

    def running(self, *, at: datetime) -> "PretestQuerySet":
        """Return those that nobody ended and whose time is not over. Whether the draft may still be shown, its steps say."""
        return self.filter(ended_at=None, expires_at__gt=at)


class Pretest(models.Model):
    """
    A draft that is shown to influencers by a link of their own, or to the first `size` people who answer by one link.

    `texts` is what they read, frozen: {language: {"title", "body" (Markdown), "sentences" (of the body, in plain words)}}. The counts
    stay when the answers are forgotten.
    """

    class Way(models.TextChoices):
        DRAWN = "drawn", _("influencers drawn by lot")
        CHOSEN = "chosen", _("influencers by name")
        LINK = "link", _("whoever is given the link")

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="pretests", verbose_name=_("bulletin"))
    version = models.PositiveSmallIntegerField(_("version"))
    way = models.CharField(_("to whom"), max_length=8, choices=Way)
    size = models.PositiveSmallIntegerField(_("people"), validators=[MinValueValidator(1)])
    texts = models.JSONField(_("texts"))
    digest = models.CharField(_("fingerprint"), max_length=64)
    shown_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("shown by"))
    shown_at = models.DateTimeField(_("shown"))
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    answered = models.PositiveSmallIntegerField(_("answers"), default=0)
    would_share = models.PositiveSmallIntegerField(_("would share it"), default=0)
    would_not = models.PositiveSmallIntegerField(_("would not share it"), default=0)

    of_campaign = "bulletin__campaign"

    objects = PretestQuerySet.as_manager()

    class Meta:
        verbose_name = _("pretest")
        verbose_name_plural = _("pretests")
        ordering = ["-shown_at", "-pk"]
        indexes = [models.Index(fields=["expires_at"], name="pretest_running", condition=models.Q(ended_at=None))]
        constraints = [
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("shown_at")), name="pretest_expires"),
            models.CheckConstraint(condition=models.Q(answered__lte=models.F("size")), name="pretest_answers_by_size"),
        ]

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.shown_at:%Y-%m-%d %H:%M}"

    @property
    def is_by_link(self) -> bool:
        """Whether one link is for all."""
        return self.way == self.Way.LINK


class PretestSeat(Nameless, models.Model):
    """An influencer whom a draft is shown to, and the number that stands on the text they read."""

    pretest = models.ForeignKey(Pretest, models.CASCADE, related_name="seats", verbose_name=_("pretest"))
    number = models.PositiveSmallIntegerField(_("number"))
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="+", verbose_name=_("recipient"))
    is_mailed = models.BooleanField(_("mail has left"), default=False)

    of_campaign = "pretest__bulletin__campaign"

    class Meta:
        verbose_name = _("person of a pretest")
        verbose_name_plural = _("people of pretests")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["pretest", "number"], name="one_seat_per_number"),
            models.UniqueConstraint(fields=["pretest", "recipient"], name="one_seat_per_person"),
        ]
        indexes = [models.Index(fields=["pretest"], name="seat_to_mail", condition=models.Q(is_mailed=False))]

    def __str__(self) -> str:
        return f"{self.pretest_id}: {self.number}"


class PretestAnswer(Nameless, models.Model):
    """
    What one person answered. `sentences` are the places, from 0, of those that were unclear in the text of the language. Of a person
    who came by the link nothing else is kept: `seat` is empty, and `number` says which answer it was.
    """

    class Share(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("no")
        UNSURE = "unsure", _("not sure")

    pretest = models.ForeignKey(Pretest, models.CASCADE, related_name="answers", verbose_name=_("pretest"))
    seat = models.OneToOneField(
        PretestSeat, models.CASCADE, null=True, blank=True, related_name="answer", verbose_name=_("person")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    language = models.CharField(_("language"), max_length=12)
    asks = models.CharField(_("what it asks"), max_length=LONGEST_TEXT)
    unclear = models.CharField(_("what was unclear"), max_length=LONGEST_TEXT, blank=True)
    sentences = models.JSONField(_("unclear sentences"), default=list, blank=True)
    share = models.CharField(_("would share it"), max_length=6, choices=Share)
    why = models.CharField(_("why"), max_length=LONGEST_TEXT, blank=True)
    at = models.DateTimeField(_("at"))

    of_campaign = "pretest__bulletin__campaign"

    class Meta:
        verbose_name = _("answer to a pretest")
        verbose_name_plural = _("answers to pretests")
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["pretest", "number"], name="one_pretest_answer_per_number")]

    def __str__(self) -> str:
        return f"{self.pretest_id}: {self.number}"

    @property
    def numbers(self) -> str:
        """The numbers of the sentences that were unclear, as the desk counts them."""
        return ", ".join(str(place + 1) for place in self.sentences)
