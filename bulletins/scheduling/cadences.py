"""Cadences: what they come to on the clock, and how one gives way to another in the middle of a campaign."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.models import Bulletin, Cadence, NotAllowed, Target
from delivery.models import Audience

Every = Cadence.Every
RULES = ("every", "local_time", "weekday", "day_of_month", "not_before", "not_after", "only_urgency", "grace_minutes")


@dataclass(frozen=True)
class ClockChange:
    """A local date on which the clocks change, and by how much (forward is positive)."""

    day: date
    by: timedelta

    @property
    def forward(self) -> bool:
        """Return whether an hour is skipped, as in spring."""
        return self.by > timedelta(0)


def clock_changes(zone: ZoneInfo, first: date, last: date) -> list[ClockChange]:
    """Return the dates from `first` to `last` (both included) on which the clocks of `zone` change."""
    changes = []
    day = first
    while day <= last:
        before, after = (datetime.combine(day + timedelta(days=n), time(0), tzinfo=zone).utcoffset() for n in (0, 1))
        if before is not None and after is not None and before != after:
            changes.append(ClockChange(day, after - before))
        day += timedelta(days=1)
    return changes


def next_slots(
    cadences: Iterable[Cadence], *, after: datetime, urgency: str = "", count: int = 10
) -> list[tuple[datetime, Cadence]]:
    """
    Return the next `count` slots of an audience's cadences at or after `after`, for bulletins of `urgency`. No query.

    An immediate cadence gives one: the first moment at which its mail may go.
    """
    found: dict[datetime, Cadence] = {}
    for cadence in cadences:
        if cadence.only_urgency not in {"", urgency}:
            continue
        if cadence.every == Every.IMMEDIATE:
            first = cadence.next_slot(after=after)
            slots = [first] if first else []
        else:
            slots = cadence.next_slots(after=after, count=count)
        for slot in slots:
            found.setdefault(slot, cadence)
    return sorted(found.items(), key=lambda pair: pair[0])[:count]


def keeping_their_slot(audience: Audience, *, from_day: date) -> list[Target]:
    """Return what has a slot of this audience on or after a local date already: in review or approved, it keeps it."""
    begins = datetime.combine(from_day, time(0), tzinfo=audience.campaign.zone)
    waiting = Target.objects.filter(audience=audience, bulletin__state__in=Bulletin.REVIEWED, slot_at__gte=begins)
    return list(waiting.select_related("bulletin").prefetch_related("bulletin__editions").order_by("slot_at"))


@transaction.atomic
def begin(cadence: Cadence, *, by: User, at: datetime) -> Cadence:
    """
    Store a new cadence of an audience. Raise NotAllowed, with nothing changed, when it starts in the past, when its
    hours leave no time, or when it overlaps another one for the same bulletins.
    """
    Audience.objects.select_for_update().get(pk=cadence.audience_id)
    refuse_unfit(cadence, at=at)
    others = Cadence.objects.filter(audience=cadence.audience_id)
    refuse_overlap(cadence, others)
    cadence.slug = slug_for(cadence, set(others.values_list("slug", flat=True)))
    cadence.save(force_insert=True)
    trail.note("cadence.begun", cadence, by=by, at=at, **plain(cadence))
    return cadence


@transaction.atomic
def change(old: Cadence, new: Cadence, *, by: User, at: datetime) -> Cadence:
    """
    Let `new` take over from `old` on the local date `new.starts_on`: the old one ends the day before, so that no slot
    comes twice and none falls between. What has its slot already keeps it.

    Raise NotAllowed as `begin` does, and when the old one has not begun or is over by then.
    """
    held = Cadence.objects.select_for_update().select_related("audience__campaign").get(pk=old.pk)
    if held.until and held.until < new.starts_on:
        raise NotAllowed(
            _("Not changed: that cadence already ends on %(day)s. Start a new one instead.")
            % {"day": date_format(held.until, "DATE_FORMAT")}
        )
    refuse_unfit(new, at=at)
    new.audience = held.audience
    new.until = new.until or held.until
    others = Cadence.objects.filter(audience=held.audience_id)
    refuse_overlap(new, others.exclude(pk=held.pk))
    new.slug = slug_for(new, set(others.values_list("slug", flat=True)))
    if new.starts_on <= held.starts_on:
        # It has not begun: there is nothing of it to keep.
        trail.note("cadence.removed", held, by=by, at=at, **plain(held))
        held.delete()
    else:
        held.until = new.starts_on - timedelta(days=1)
        held.save(update_fields=["until"])
        trail.note("cadence.ended", held, by=by, at=at, until=held.until.isoformat())
    new.save(force_insert=True)
    trail.note("cadence.begun", new, by=by, at=at, **plain(new))
    return new


@transaction.atomic
def end(cadence: Cadence, *, on: date, by: User, at: datetime) -> None:
    """Let a cadence end with the local date `on`. Raise NotAllowed for a day that is over, or before it begins."""
    held = Cadence.objects.select_for_update().select_related("audience__campaign").get(pk=cadence.pk)
    today = held.audience.campaign.local(at).date()
    if on < today:
        raise NotAllowed(_("Not ended: that day has passed. Choose today or a later day."))
    if on < held.starts_on:
        raise NotAllowed(_("Not ended: it will not have started by then. Choose a later day."))
    held.until = on
    held.save(update_fields=["until"])
    trail.note("cadence.ended", held, by=by, at=at, until=on.isoformat())


# --- What refuses ----------------------------------------------------------------------------------------


def refuse_unfit(cadence: Cadence, *, at: datetime) -> None:
    """Raise NotAllowed for a cadence that starts in the past, ends before it begins, or has hours without time."""
    today = cadence.audience.campaign.local(at).date()
    if cadence.starts_on < today:
        raise NotAllowed(_("Not saved: it would start in the past. Choose today or a later day."))
    if cadence.until and cadence.until < cadence.starts_on:
        raise NotAllowed(_("Not saved: it would end before it begins. Choose a later last day."))
    if cadence.every == Every.IMMEDIATE:
        if cadence.not_before and cadence.not_after and cadence.not_before >= cadence.not_after:
            raise NotAllowed(_("Not saved: there is no time between these hours. The first must be before the last."))
    elif cadence.local_time is None:
        raise NotAllowed(_("Not saved: enter the time of day."))
    elif cadence.every == Every.WEEK and cadence.weekday not in range(7):
        raise NotAllowed(_("Not saved: choose the day of the week."))
    elif cadence.every == Every.MONTH and (cadence.day_of_month or 0) not in range(1, 32):
        raise NotAllowed(_("Not saved: enter the day of the month, from 1 to 31."))


def refuse_overlap(cadence: Cadence, others: Iterable[Cadence]) -> None:
    """Raise NotAllowed when another cadence of the audience serves the same bulletins at the same time."""
    last = cadence.until or date.max
    for other in others:
        same = cadence.only_urgency == other.only_urgency
        if same and other.starts_on <= last and (other.until or date.max) >= cadence.starts_on:
            raise NotAllowed(
                _("Not saved: “%(other)s” runs at the same time. Change that one, or choose days after it has ended.")
                % {"other": other}
            )


def slug_for(cadence: Cadence, taken: set[str]) -> str:
    """Return a short name that is still free."""
    base = f"{cadence.every}-{cadence.starts_on:%Y%m%d}"
    return next(name for n in range(1, 1000) if (name := base if n == 1 else f"{base}-{n}") not in taken)


def plain(cadence: Cadence) -> dict[str, str]:
    """Return the rules of a cadence as plain data for the audit log."""
    values = {name: getattr(cadence, name) for name in (*RULES, "starts_on", "until")}
    return {
        "audience": cadence.audience.slug,
        **{name: str(value) for name, value in values.items() if value not in ("", None)},
    }


def in_force(audience_ids: Iterable[int], first: date, last: date) -> list[Cadence]:
    """Return the cadences of these audiences with days between two local dates; one query."""
    days = Q(starts_on__lte=last) & (Q(until=None) | Q(until__gte=first))
    return list(Cadence.objects.filter(days, audience__in=audience_ids).select_related("audience__campaign"))
