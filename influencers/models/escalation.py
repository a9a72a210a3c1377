"""Who was asked to say that they have seen an urgent bulletin, who has, and what is done about those who have not."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from bulletins.models import Version
from campaigns.models import Campaign
from delivery.models import Channel

from .profiles import Influencer


class SeenRequest(models.Model):
    """
    A published version that asks its partners to say that they have seen it, since `began_at`. Over at `ended_at`, because
    of `ended`: a newer version took its place, for example. Then nothing follows, and a press is still noted.

    `plan` is what was approved to follow (Bulletin.seen_plan), as EscalationStep rows. Nothing is begun while it is held, since
    `held_at`. The call list is open since `calls_since`.
    """

    class End(models.TextChoices):
        ENOUGH = "enough", _("enough have seen it")
        NOBODY = "nobody", _("nobody was asked")
        CORRECTED = "corrected", _("it was corrected")
        WITHDRAWN = "withdrawn", _("it was withdrawn")
        CLOSED = "closed", _("the campaign was closed")
        OVER = "over", _("its time is over")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="seen_requests", verbose_name=_("campaign"))
    version = models.OneToOneField(Version, models.PROTECT, related_name="seen_request", verbose_name=_("version"))
    plan = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), editable=False)
    began_at = models.DateTimeField(_("began"))
    calls_since = models.DateTimeField(_("call list since"), null=True, blank=True)
    held_at = models.DateTimeField(_("held"), null=True, blank=True)
    held_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("held by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended = models.CharField(_("ended because"), max_length=10, choices=End, blank=True)

    class Meta:
        verbose_name = _("request to say “seen”")
        verbose_name_plural = _("requests to say “seen”")
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended="") | (models.Q(ended_at__isnull=False) & ~models.Q(ended="")),
                name="seen_request_ends_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.version.bulletin.named(self.version.number)


class AskedPartnerQuerySet(models.QuerySet["AskedPartner"]):
    """Questions about many people who were asked."""

    def reached(self, *, at: datetime) -> Self:
        """Return those whose turn has come, and who still take part or have said something."""
        takes_part = models.Q(influencer__state=Influencer.State.ACTIVE) | models.Q(seen_at__isnull=False)
        return self.filter(takes_part, asked_at__lte=at)

    def unseen(self) -> Self:
        """Return those who have not said that they have seen it."""
        return self.filter(seen_at=None)


class AskedPartner(Nameless, models.Model):
    """
    One person who is asked, from `asked_at` on: the slot of the audience that they are in, whose `tier` it is (1 the closest).
    `seen_at` is when they first said that they have seen it, and `channel` where. Nobody says it by opening a mail.

    `taken_by` calls them, since `taken_at`. Nobody is to call again before `call_again_at`.
    """

    PORTAL, CALL = "portal", "call"
    WAYS = (*Channel.choices, (PORTAL, _("portal")), (CALL, _("call")))

    request = models.ForeignKey(SeenRequest, models.CASCADE, related_name="people", verbose_name=_("request"))
    influencer = models.ForeignKey(
        Influencer, models.CASCADE, related_name="seen_requests", verbose_name=_("influencer")
    )
    tier = models.PositiveSmallIntegerField(_("tier"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=WAYS, blank=True)
    taken_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("called by")
    )
    taken_at = models.DateTimeField(_("called since"), null=True, blank=True)
    call_again_at = models.DateTimeField(_("call again from"), null=True, blank=True)

    objects = AskedPartnerQuerySet.as_manager()
    of_campaign = "request__campaign"

    class Meta:
        verbose_name = _("partner who was asked")
        verbose_name_plural = _("partners who were asked")
        ordering = ["request", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "influencer"], name="one_row_per_person_asked"),
            models.CheckConstraint(
                condition=models.Q(seen_at=None, channel="")
                | (models.Q(seen_at__isnull=False) & ~models.Q(channel="")),
                name="seen_on_a_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.influencer}"


class EscalationStep(models.Model):
    """
    One step of what follows, `due_at` so many minutes after a bulletin went out. It is taken once, at `taken_at`: its row is the
    token. `outcome` says what came of it, for so many `people`.
    """

    class Kind(models.TextChoices):
        CHANNEL = "channel", _("next channel")
        CALLS = "calls", _("call list for liaisons")
        AUDIENCE = "audience", _("next group")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        NO_CHANNEL = "no_channel", _("no other channel is set up")
        ALL_USED = "all_used", _("every channel that people allow was used at once")
        NO_NUMBER = "no_number", _("nobody gave a number for calls")
        NO_LIAISON = "no_liaison", _("nobody is there to call")
        NOT_APPROVED = "not_approved", _("no further group was approved with it")

    request = models.ForeignKey(SeenRequest, models.CASCADE, related_name="steps", verbose_name=_("request"))
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    due_at = models.DateTimeField(_("due"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    people = models.PositiveIntegerField(_("people"), default=0)

    of_campaign = "request__campaign"

    class Meta:
        verbose_name = _("step where it is not seen")
        verbose_name_plural = _("steps where it is not seen")
        ordering = ["request", "position"]
        constraints = [models.UniqueConstraint(fields=["request", "position"], name="one_escalation_step_per_place")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.get_kind_display()}"


class CallNumber(Nameless, models.Model):
    """The number on which a person may be called about what is urgent, given by them; `at_night` too if they say so."""

    influencer = models.OneToOneField(
        Influencer, models.CASCADE, related_name="call_number", verbose_name=_("influencer")
    )
    number = models.CharField(_("telephone number"), max_length=20)
    at_night = models.BooleanField(_("at night too"), default=False)
    given_at = models.DateTimeField(_("given"))

    of_campaign = "influencer__campaign"

    class Meta:
        verbose_name = _("number for calls")
        verbose_name_plural = _("numbers for calls")

    def __str__(self) -> str:
        return f"{self.influencer_id}"


class Call(Nameless, models.Model):
    """A call about an urgent bulletin, and what came of it. Its caller may change that for a while."""

    class Result(models.TextChoices):
        REACHED = "reached", _("reached")
        NO_ANSWER = "no_answer", _("no answer")
        LATER = "later", _("call later")

    person = models.ForeignKey(AskedPartner, models.CASCADE, related_name="calls", verbose_name=_("person"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    result = models.CharField(_("result"), max_length=10, choices=Result)

    of_campaign = "person__request__campaign"

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.get_result_display()}"
