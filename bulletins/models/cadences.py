"""When it goes: cadences as data, and the audiences that one bulletin goes to."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.db import models
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from delivery.models import Audience

from .bulletins import Bulletin, iso
from .inputs import Urgency

LAST_DAY = 31
HORIZON_DAYS = 370  # a monthly slot is at most 31 days away; a year covers any pause between cadences


class CadenceQuerySet(models.QuerySet["Cadence"]):
    """Questions about many cadences."""

    def on(self, day: date) -> Self:
        """Return the cadences in force on a local date."""
        return self.filter(models.Q(until=None) | models.Q(until__gte=day), starts_on__lte=day)


class Cadence(models.Model):
    """
    When an audience gets mail: at once, or daily, weekly or monthly at a local time in the campaign's zone.

    `weekday` is 0 for Monday; `day_of_month` above the month's length means its last day. One cadence may end
    (`until`) where another begins (`starts_on`). Immediate mail waits for the hours between `not_before` and
    `not_after`. `only_urgency` limits it to bulletins of that urgency. A bulletin that is more than
    `grace_minutes` late is held for a person.
    """

    class Every(models.TextChoices):
        IMMEDIATE = "immediate", _("immediately")
        DAY = "day", _("daily")
        WEEK = "week", _("weekly")
        MONTH = "month", _("monthly")

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    audience = models.ForeignKey(Audience, models.CASCADE, related_name="cadences", verbose_name=_("audience"))
    slug = models.SlugField(_("short name"), max_length=60)
    every = models.CharField(_("how often"), max_length=10, choices=Every)
    local_time = models.TimeField(_("local time"), null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday, null=True, blank=True)
    day_of_month = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, blank=True, help_text=_("31 means the last day of every month.")
    )
    starts_on = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)
    not_before = models.TimeField(_("earliest"), null=True, blank=True)
    not_after = models.TimeField(_("latest"), null=True, blank=True)
    only_urgency = models.CharField(_("only for"), max_length=10, choices=Urgency, blank=True)
    grace_minutes = models.PositiveIntegerField(_("grace period in minutes"), default=180)

    objects = CadenceQuerySet.as_manager()
    of_campaign = "audience__campaign"

    class Meta:
        verbose_name = _("cadence")
        verbose_name_plural = _("cadences")
        ordering = ["audience", "starts_on", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["audience", "slug"], name="one_cadence_per_audience_slug"),
            models.CheckConstraint(
                condition=models.Q(every="immediate")
                | models.Q(every="day", local_time__isnull=False)
                | models.Q(every="week", local_time__isnull=False, weekday__range=(0, 6))
                | models.Q(every="month", local_time__isnull=False, day_of_month__range=(1, 31)),
                name="cadence_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("starts_on")),
                name="cadence_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audience}: {self.get_every_display()}"

    def falls_on(self, day: date) -> bool:
        """Return whether a slot of this cadence falls on the local date `day`."""
        if day < self.starts_on or (self.until and day > self.until):
            return False
        if self.every == self.Every.WEEK:
            return day.weekday() == self.weekday
        if self.every == self.Every.MONTH:
            last = calendar.monthrange(day.year, day.month)[1]
            return day.day == min(self.day_of_month or LAST_DAY, last)
        return True

    def next_slot(self, *, after: datetime) -> datetime | None:
        """
        Return the first slot at or after `after` (aware), or None when the cadence has ended.

        A local time that the clocks skip moves to the first minute that exists; one that comes twice is the
        first of the two. So there is one slot per local date, whatever the clocks do.
        """
        zone = self.audience.campaign.zone
        local = after.astimezone(zone)
        for days in range(HORIZON_DAYS):
            day = local.date() + timedelta(days=days)
            if not self.falls_on(day):
                continue
            if self.every == self.Every.IMMEDIATE:
                moment = self._within_hours(local, day)
            else:
                moment = wall_clock(day, self.local_time or time(0), zone)
            if moment is not None and moment >= after:
                return moment
        return None

    def last_slot(self, *, at: datetime) -> datetime | None:
        """
        Return the latest slot at or before `at` (aware), one per local date as in `next_slot`; None when there is none
        in the last year. At once has no slots of its own, so none for it.
        """
        if self.every == self.Every.IMMEDIATE:
            return None
        zone = self.audience.campaign.zone
        today = at.astimezone(zone).date()
        for days in range(HORIZON_DAYS):
            day = today - timedelta(days=days)
            if self.falls_on(day) and (slot := wall_clock(day, self.local_time or time(0), zone)) <= at:
                return slot
        return None

    def next_slots(self, *, after: datetime, count: int = 10) -> list[datetime]:
        """Return the next `count` slots after `after`; an immediate cadence has none of its own."""
        slots: list[datetime] = []
        moment: datetime | None = after
        while self.every != self.Every.IMMEDIATE and len(slots) < count and moment is not None:
            moment = self.next_slot(after=moment)
            if moment is not None:
                slots.append(moment)
                moment += timedelta(seconds=1)
        return slots

    def explain(self, slot: datetime) -> str:
        """
        Return a sentence when the clocks change at `slot` (aware), "" otherwise: that its local time does not exist
        that day and when it goes instead, or that the time comes twice and this is the first.
        """
        if self.every == self.Every.IMMEDIATE or self.local_time is None:
            return ""
        local = slot.astimezone(self.audience.campaign.zone)
        words = {
            "time": time_format(self.local_time, "TIME_FORMAT"),
            "day": date_format(local, "MONTH_DAY_FORMAT"),
            "instead": date_format(local, "TIME_FORMAT"),
        }
        meant = datetime.combine(local.date(), self.local_time)
        if local.replace(tzinfo=None) != meant:
            return (
                gettext("%(time)s does not exist on %(day)s: the clocks go forward. It is sent at %(instead)s.") % words
            )
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            return gettext("%(time)s occurs twice on %(day)s: the clocks go back. It is sent at the first.") % words
        return ""

    def _within_hours(self, local: datetime, day: date) -> datetime | None:
        """Return the first moment of `day` at or after `local` when immediate mail may go."""
        zone = local.tzinfo
        opens = wall_clock(day, self.not_before or time(0), zone)
        closes = wall_clock(day, self.not_after, zone) if self.not_after else None
        moment = max(opens, local) if day >= local.date() else None
        return None if moment is None or (closes and moment > closes) or moment.date() != day else moment


def wall_clock(day: date, at: time, zone: Any) -> datetime:
    """Return the aware moment of a local date and time; a skipped time moves forward by the clock change."""
    naive = datetime.combine(day, at)
    moment = naive.replace(tzinfo=zone)
    back = moment.astimezone(UTC).astimezone(zone)
    return moment if back.replace(tzinfo=None) == naive else back


class Target(models.Model):
    """
    An audience that a bulletin goes to, and when: in the audience's next slot, at once, or at a moment.

    `slot_at` is fixed when the bulletin is submitted for approval, which covers it; "at once" is when the
    approval is given. `grace_minutes` is how late it may start without a person.
    """

    class Timing(models.TextChoices):
        NEXT_SLOT = "next_slot", _("in the next slot")
        AT_ONCE = "at_once", _("as soon as it is approved")
        AT_TIME = "at_time", _("at this time")

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="targets", verbose_name=_("bulletin"))
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="targets", verbose_name=_("audience"))
    timing = models.CharField(_("when"), max_length=10, choices=Timing, default=Timing.NEXT_SLOT)
    at = models.DateTimeField(_("at"), null=True, blank=True)
    slot_at = models.DateTimeField(_("slot"), null=True, blank=True, editable=False)
    grace_minutes = models.PositiveIntegerField(_("grace period in minutes"), default=180, editable=False)

    class Meta:
        verbose_name = _("audience of a bulletin")
        verbose_name_plural = _("audiences of a bulletin")
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "audience"], name="one_target_per_audience"),
            models.CheckConstraint(
                condition=~models.Q(timing="at_time") | models.Q(at__isnull=False), name="target_at_time_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bulletin}: {self.audience}"

    def content(self) -> dict[str, Any]:
        """Return what an approval approves: the audience, how the time is chosen, and the time."""
        fixed = self.slot_at if self.timing != self.Timing.AT_ONCE else None
        return {
            "audience": self.audience.slug,
            "timing": self.timing,
            "slot_at": iso(fixed),
        }
