"""
What is ready before a crisis: campaigns that are being started, step by step, and bulletins on the ready shelf. And drills that are
played in an exercise: their scenario, their clock and what came of each event.
"""

from datetime import date
from typing import Any, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from bulletins.models import Bulletin, Urgency
from campaigns.drill_clock import DrillClock, pauses_of
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from lib.text.blanks import blanks_in, filled


class CampaignStartQuerySet(models.QuerySet["CampaignStart"]):
    """Questions about many starts."""

    def to_invite(self) -> Self:
        """Return the starts whose campaign readers have, and whose invitations are still to be written."""
        return self.filter(
            invites=True, invited_at=None, campaign__published_at__isnull=False, campaign__closed_at=None
        )


class CampaignStart(Nameless, models.Model):
    """
    A campaign in preparation. `answers` is {step: what was saved there}, as plain data; `saved` {step: {"by": a user's key,
    "at": ISO, "times": how often, "all": the keys of everyone who saved it}}. Nothing of it is a campaign before someone has confirmed what comes along: then there is
    `campaign`, with its `first_bulletin` where one was chosen, and the answers stay as they were.

    `invites`: those who never said whether they may be asked again are invited once, when the campaign is public.
    """

    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("started by"))
    begun_at = models.DateTimeField(_("started"))
    answers = models.JSONField(_("answers"), default=dict)
    saved = models.JSONField(_("saved"), default=dict)
    earlier = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("earlier campaign")
    )
    campaign = models.OneToOneField(
        Campaign, models.PROTECT, null=True, blank=True, related_name="start", verbose_name=_("campaign")
    )
    first_bulletin = models.ForeignKey(
        Bulletin, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("first bulletin")
    )
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    made_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    made_of = models.JSONField(_("what came along"), default=dict)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("helpline tried by")
    )
    answered_at = models.DateTimeField(_("helpline answered"), null=True, blank=True)
    invites = models.BooleanField(_("invites the others"), default=False)
    invited_at = models.DateTimeField(_("invitations written"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True, blank=True)

    objects = CampaignStartQuerySet.as_manager()
    of_campaign = ""

    class Meta:
        verbose_name = _("campaign in preparation")
        verbose_name_plural = _("campaigns in preparation")
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(campaign=None, made_by=None, made_at=None)
                | models.Q(campaign__isnull=False, made_by__isnull=False, made_at__isnull=False),
                name="made_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(campaign=None) | models.Q(dropped_at=None), name="what_is_made_is_not_dropped"
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.answer("about").get("names", {})) or f"{self.begun_at:%Y-%m-%d %H:%M}"

    @property
    def audited_as(self) -> str:
        """What the audit log calls it: by its key."""
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        """Return whether its steps can still be changed."""
        return self.campaign_id is None and self.dropped_at is None

    def answer(self, step: str) -> dict[str, Any]:
        """Return what was saved in a step, {} before."""
        found: dict[str, Any] = self.answers.get(step, {})
        return found

    @property
    def all_times_saved(self) -> int:
        """How often any step was saved: whoever makes the campaign says which state of all of them they have read."""
        return sum(self.times_saved(step) for step in self.saved)

    def times_saved(self, step: str) -> int:
        """Return how often a step was saved: whoever saves says which of these they have read."""
        return int(self.saved.get(step, {}).get("times", 0))


class ReadyBulletinQuerySet(models.QuerySet["ReadyBulletin"]):
    """Questions about many bulletins on the shelf."""

    def on_shelf(self) -> Self:
        """Return those that nobody took off."""
        return self.filter(taken_off_at=None)

    def to_remind_of(self, *, on: date) -> Self:
        """Return those that are to be looked at again by a day and whose owner was not told so yet, in campaigns that go on."""
        untold = models.Q(reminded_for=None) | ~models.Q(reminded_for=models.F("review_on"))
        return self.on_shelf().filter(untold, review_on__lte=on, campaign__closed_at=None)


class ReadyBulletin(Nameless, models.Model):
    """
    A bulletin that is prepared for a crisis that may come. `content` is what it says, as plain data (ready_shelf/contents.py), and
    `crisis` the template of the kind of crisis that it is for, "" for any. `revision` counts the saved changes; any of them takes the
    approval back, and whoever ever wrote is among its `editors`, who do not approve it.

    `known` is what the words rest on as it was when they were last looked at: terms of the glossary and who leads the campaign
    (ready_shelf/moved_ground.py). An approval here is of the words with their blanks, and none of a bulletin that is made of them.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="ready_bulletins", verbose_name=_("campaign"))
    key = models.CharField(_("key"), max_length=80)
    crisis = models.CharField(_("kind of crisis"), max_length=60, blank=True)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.ROUTINE)
    content = models.JSONField(_("content"), default=dict)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    review_on = models.DateField(_("look at it again by"))
    reminded_for = models.DateField(_("reminded for"), null=True, blank=True)
    editors = models.ManyToManyField(User, blank=True, related_name="+", verbose_name=_("edited by"))
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    known = models.JSONField(_("what it rests on"), default=dict)
    made_of = models.ForeignKey(
        Bulletin, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made of bulletin")
    )
    put_at = models.DateTimeField(_("put on the shelf"))
    taken_off_at = models.DateTimeField(_("taken off the shelf"), null=True, blank=True)

    objects = ReadyBulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("ready bulletin")
        verbose_name_plural = _("ready shelf")
        ordering = ["review_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="one_ready_bulletin_per_key"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None, approved_at=None)
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="ready_bulletin_approved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        title = in_language(self.content.get("title", {}))
        return filled(title, dict.fromkeys(blanks_in(title), "…")) or self.key

    @property
    def audited_as(self) -> str:
        """What the audit log calls it: by its key."""
        return f"{self.key} ({self.pk})"

    @property
    def is_approved(self) -> bool:
        """Return whether a second person agreed to its words as they are."""
        return self.approved_by_id is not None

    def is_overdue(self, *, on: date) -> bool:
        """Return whether the day by which it was to be looked at again is over."""
        return self.review_on < on


class DrillQuerySet(models.QuerySet["Drill"]):
    """Questions about many drills."""

    def running(self) -> Self:
        """Return the drills that were started and are not over, paused ones too."""
        return self.filter(started_at__isnull=False, ended_at=None)

    def measured(self) -> Self:
        """Return the drills that are over and have their figures, the newest first."""
        return self.filter(ended_at__isnull=False).exclude(figures={}).order_by("-started_at", "-pk")


class Drill(Nameless, models.Model):
    """
    A scenario that is played in an exercise campaign. `script` is the scenario's file as it was when the drill was made, so that a
    file that is changed changes no drill; `speed` is how many of its seconds pass in one of ours.

    `made_up` names the parts that nobody plays (drills/parts.py): they act by themselves. `pauses` are [[from, to]] as ISO texts;
    `missed` {"bulletin:version": findings that were left at its approval}; `figures` what was measured, when it is over. `lessons` is
    what the team itself says, `actions` [{"what", "owner": a key or None, "by": ISO day}] what it will do. Until `turn_until` a process plays it, and others leave it to that one.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="drills", verbose_name=_("exercise campaign"))
    scenario = models.SlugField(_("scenario"), max_length=40)
    script = models.TextField(_("script"), editable=False)
    speed = models.PositiveSmallIntegerField(_("speed"), default=1)
    made_up = models.JSONField(_("made up"), default=list, blank=True)
    leader = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("drill leader"))
    made_at = models.DateTimeField(_("prepared"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    pauses = models.JSONField(_("pauses"), default=list, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("stopped by")
    )
    away = models.JSONField(_("out by the scenario"), default=dict, blank=True)
    missed = models.JSONField(_("findings left at approval"), default=dict, blank=True)
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    lessons = models.TextField(_("what the team says"), blank=True, max_length=4000)
    actions = models.JSONField(_("what the team will do"), default=list, db_default=[], blank=True)
    turn_until = models.DateTimeField(null=True, editable=False)

    objects = DrillQuerySet.as_manager()

    class Meta:
        verbose_name = _("drill")
        verbose_name_plural = _("drills")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=models.Q(started_at__isnull=False, ended_at=None),
                name="one_running_drill_per_campaign",
            ),
            models.CheckConstraint(condition=models.Q(speed__gte=1, speed__lte=120), name="drill_speed_can_be_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario} {self.started_at or self.made_at:%Y-%m-%d}"

    @property
    def audited_as(self) -> str:
        """What the audit log calls it: by its number."""
        return str(self.pk)

    @property
    def state(self) -> str:
        """Return how far it is: prepared, running, paused or ended."""
        if self.ended_at:
            return "ended"
        if not self.started_at:
            return "prepared"
        return "paused" if self.pauses and self.pauses[-1][1] is None else "running"

    def clock(self, scenario: Any) -> DrillClock:
        """Return its clock, of a drill that was started; `scenario` is what its script says."""
        assert self.started_at is not None
        return DrillClock(
            began=self.started_at,
            speed=self.speed,
            minutes=scenario.minutes,
            begins=scenario.begins,
            pauses=pauses_of(self.pauses),
            ended=self.ended_at,
            name=scenario.name,
            away={int(key): until for key, until in self.away.items()},
        )


class DrillEvent(models.Model):
    """
    An event of a drill. `offset` is the second of the scenario in which it is due, None as long as that hangs on what people do;
    `done_at` when it was put in, `dealt_at` when it was dealt with, `subject` what came of it. `note` says why nothing did.
    """

    drill = models.ForeignKey(Drill, models.CASCADE, related_name="events", verbose_name=_("drill"))
    key = models.CharField(_("key"), max_length=40)
    kind = models.CharField(_("kind"), max_length=16)
    position = models.PositiveSmallIntegerField(_("position"))
    offset = models.PositiveIntegerField(_("due in second"), null=True, blank=True)
    done_at = models.DateTimeField(_("put in"), null=True, blank=True)
    dealt_at = models.DateTimeField(_("dealt with"), null=True, blank=True)
    subject_type = models.ForeignKey(ContentType, models.PROTECT, null=True, blank=True, related_name="+")
    subject_id = models.PositiveBigIntegerField(null=True, blank=True)
    subject = GenericForeignKey("subject_type", "subject_id")
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("event of a drill")
        verbose_name_plural = _("events of drills")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["drill", "key"], name="an_event_is_once_in_a_drill")]

    def __str__(self) -> str:
        return self.key
