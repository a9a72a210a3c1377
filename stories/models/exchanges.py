"""Exchanges of a campaign with its municipalities: series of meetings, who is asked, what they talk about, and what follows from it."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language

from .municipalities import Municipality


class Exchange(models.Model):
    """
    A series of meetings: every `every_weeks` weeks on `weekday` (0 is Monday) from `starts_on` on, at the hour `at` of the campaign's
    zone, until `until` (included) or until it was ended. `languages` are the codes of those that are spoken; `staff` are
    asked to each meeting besides the people of municipalities. A change holds for meetings that have not begun; those keep their own.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="exchanges", verbose_name=_("campaign"))
    title = TranslatedField(_("name"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    every_weeks = models.PositiveSmallIntegerField(_("every how many weeks"), default=1)
    at = models.TimeField(_("time"))
    minutes = models.PositiveSmallIntegerField(_("length in minutes"), default=60)
    starts_on = models.DateField(_("first day"))
    until = models.DateField(_("last day"), null=True, blank=True)
    url = models.URLField(_("link of the video meeting"), max_length=500, blank=True)
    place = TranslatedField(_("place"), blank=True)
    languages = models.JSONField(_("languages spoken"), default=list, blank=True)
    staff = models.ManyToManyField(User, blank=True, related_name="+", verbose_name=_("invited from the team"))
    made_at = models.DateTimeField(_("made"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("series of meetings")
        verbose_name_plural = _("series of meetings")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(every_weeks__gte=1, every_weeks__lte=26), name="exchange_every_few_weeks"
            ),
            models.CheckConstraint(condition=models.Q(minutes__gte=5, minutes__lte=600), name="exchange_has_length"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("starts_on")),
                name="exchange_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title) or str(self.pk)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Questions about many meetings."""

    def of(self, campaign: Campaign) -> Self:
        """Return those of a campaign, with their series and its campaign at hand."""
        return self.filter(exchange__campaign=campaign).select_related("exchange__campaign")

    def ahead(self, *, at: datetime) -> Self:
        """Return those that have not begun and are not cancelled, the next first."""
        return self.filter(starts_at__gt=at, cancelled_at=None).order_by("starts_at", "pk")

    def begun(self, *, at: datetime) -> Self:
        """Return those that have begun, the latest first."""
        return self.filter(starts_at__lte=at, cancelled_at=None).order_by("-starts_at", "-pk")


class Meeting(models.Model):
    """
    One meeting of a series. `slot` is the day that the series has it on, None once the series no longer does; `is_moved` says that
    somebody gave it a time of its own, which a change of the series leaves. `sequence` counts what calendars have to hear of,
    `time_sequence` is its value when the time changed last: answers from before are for another time. `was_at` and `was_minutes` are the
    time that people were told before that.

    The agenda is refreshed until `frozen_at`, when the meeting begins: notes refer to what was there. `notes` and `decisions` are being
    written (`notes_revision` counts each time they are stored); `shown_notes` and `shown_decisions` are what somebody confirmed, which
    members read.
    """

    exchange = models.ForeignKey(
        Exchange, models.CASCADE, related_name="meetings", verbose_name=_("series of meetings")
    )
    uid = models.CharField(_("name in calendars"), max_length=120, unique=True)
    slot = models.DateField(_("day in the series"), null=True, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    minutes = models.PositiveSmallIntegerField(_("length in minutes"))
    url = models.URLField(_("link of the video meeting"), max_length=500, blank=True)
    place = TranslatedField(_("place"), blank=True)
    is_moved = models.BooleanField(_("has a time of its own"), default=False)
    sequence = models.PositiveSmallIntegerField(_("changes"), default=0)
    time_sequence = models.PositiveSmallIntegerField(_("change of the time"), default=0)
    was_at = models.DateTimeField(_("began before the change"), null=True, blank=True)
    was_minutes = models.PositiveSmallIntegerField(_("length before the change"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_why = models.CharField(_("why it was cancelled"), max_length=300, blank=True)
    agenda_at = models.DateTimeField(_("agenda refreshed"), null=True, blank=True)
    frozen_at = models.DateTimeField(_("agenda final"), null=True, blank=True)
    notes = TranslatedField(_("notes"), blank=True)
    decisions = TranslatedField(_("decisions"), blank=True)
    notes_revision = models.PositiveIntegerField(_("revision of the notes"), default=0)
    noted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("notes written by")
    )
    noted_at = models.DateTimeField(_("notes written"), null=True, blank=True)
    shown_notes = TranslatedField(_("notes, confirmed"), blank=True)
    shown_decisions = TranslatedField(_("decisions, confirmed"), blank=True)
    confirmed_revision = models.PositiveIntegerField(_("confirmed revision"), default=0)
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    objects = MeetingQuerySet.as_manager()
    of_campaign = "exchange__campaign"

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-starts_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["exchange", "slot"], name="one_meeting_per_slot")]
        indexes = [models.Index(fields=["exchange", "starts_at"], name="meeting_of_exchange")]

    def __str__(self) -> str:
        return f"{self.exchange}, {self.exchange.campaign.local(self.starts_at):%Y-%m-%d}"

    @property
    def ends_at(self) -> datetime:
        """When it is planned to end."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def has_open_notes(self) -> bool:
        """Whether members do not read yet what was written last."""
        return self.confirmed_at is None or self.notes_revision != self.confirmed_revision


class AgendaItem(models.Model):
    """
    A point of a meeting's agenda. One that fills itself says from which `source` (agenda_sources.py) and by which `key` of it; one by
    hand has neither. What somebody `left_out` stays as a row, so that it does not come back.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda", verbose_name=_("meeting"))
    source = models.CharField(_("from where"), max_length=20, blank=True)
    key = models.CharField(_("which"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    title = TranslatedField(_("title"))
    left_out = models.BooleanField(_("left out"), default=False)
    added_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )

    of_campaign = "meeting__exchange__campaign"

    class Meta:
        verbose_name = _("point of an agenda")
        verbose_name_plural = _("points of agendas")
        ordering = ["meeting", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "source", "key"],
                condition=~models.Q(source=""),
                name="one_agenda_item_per_source_and_key",
            )
        ]

    def __str__(self) -> str:
        return in_language(self.title) or str(self.pk)


class MeetingInvitation(Nameless, models.Model):
    """
    Somebody who is asked to a meeting, as a person of a `municipality` or of the team. `told` is the meeting's sequence that they have
    heard of, and `sequence` that of their own calendar, which rises with each mail; `asked_sequence` is the one with which the time that
    they answer for was sent. Who is not asked any more has `left_at`, and a mail that takes the meeting off their calendar.
    """

    class Answer(models.TextChoices):
        NONE = "", _("no answer")
        YES = "yes", _("yes")
        MAYBE = "maybe", _("maybe")
        NO = "no", _("no")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations", verbose_name=_("meeting"))
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    municipality = models.ForeignKey(
        Municipality, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    invited_at = models.DateTimeField(_("invited"))
    told = models.PositiveSmallIntegerField(_("change that was told"))
    is_off = models.BooleanField(_("told that it does not take place"), default=False)
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=0)
    asked_sequence = models.PositiveSmallIntegerField(_("sequence of the time"), default=0)
    answer = models.CharField(_("answer"), max_length=5, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    left_at = models.DateTimeField(_("no longer invited"), null=True, blank=True)

    of_campaign = "meeting__exchange__campaign"

    class Meta:
        verbose_name = _("invitation to a meeting")
        verbose_name_plural = _("invitations to meetings")
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_invitation_per_meeting")]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.user_id}"


class Attendance(models.Model):
    """A municipality that took part in a meeting. Who came for it is not kept."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendance", verbose_name=_("meeting"))
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+", verbose_name=_("municipality"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("ticked by"))
    at = models.DateTimeField(_("ticked"))

    of_campaign = "meeting__exchange__campaign"

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [models.UniqueConstraint(fields=["meeting", "municipality"], name="one_attendance_each")]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.municipality_id}"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Questions about many follow-ups."""

    def still_open(self) -> Self:
        """Return those that nobody has done, the first due first."""
        return self.filter(done_at=None).order_by("due_on", "pk")


class FollowUp(models.Model):
    """
    What somebody does after a meeting, by `due_on` (a day of the campaign's zone). It is theirs (`user`), else of all people of a
    `municipality`. They are reminded once before and once on the day.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="follow_ups", verbose_name=_("meeting"))
    text = TranslatedField(_("what"))
    municipality = models.ForeignKey(
        Municipality, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who"))
    due_on = models.DateField(_("by when"))
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("added by"))
    made_at = models.DateTimeField(_("added"))
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    due_told_at = models.DateTimeField(_("reminded on the day"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("done by")
    )

    objects = FollowUpQuerySet.as_manager()
    of_campaign = "meeting__exchange__campaign"

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on"], name="follow_up_waiting", condition=models.Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return in_language(self.text) or str(self.pk)


class ExchangeCalendar(Nameless, models.Model):
    """The secret address under which somebody's calendar program reads their meetings of a campaign. Another one takes its place at once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", verbose_name=_("campaign"))
    key = models.CharField(_("secret"), max_length=43, unique=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("calendar of meetings")
        verbose_name_plural = _("calendars of meetings")
        constraints = [models.UniqueConstraint(fields=["user", "campaign"], name="one_exchange_calendar_each")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.user_id}"
