"""Taking a measure: each value is a dated snapshot that nothing overwrites. A correction replaces it, and both are kept."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from impact.models import Measure, Snapshot, Source, Unit
from impact.models.measures import DIGITS, PLACES

COUNTED = {Unit.PEOPLE, Unit.TIMES, Unit.VISITS, Unit.POSTS, Unit.ARTICLES, Unit.CALLS}  # nobody has half of one
OF_ALL = {Unit.POSTS, Unit.ARTICLES, Unit.PERCENT, Unit.POINTS}  # what can be told as a part of all
GIVEN = (Source.HAND, Source.CSV, Source.API)  # by somebody, and not counted by the site or asked of others
EARLIEST_YEARS = 10  # before its campaign, from which on a value is of another time
LARGEST = Decimal(10) ** (DIGITS - PLACES)
SMALLEST = Decimal(10) ** -PLACES


class NotTaken(Exception):
    """A value that cannot be; its words say why, for whoever entered it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a measure on a day, as somebody states it; `of_all` is what it is a part of."""

    measure: Measure
    on: date
    value: Decimal
    of_all: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a reading: its snapshot, and whether that is new or was there already; `replaced` is the one before."""

    snapshot: Snapshot
    is_new: bool
    replaced: Snapshot | None = None


def refuse_impossible(reading: Reading, *, at: datetime) -> None:
    """Raise NotTaken for a value that the measure cannot have, or one of a day that has not come; needs its campaign at hand."""
    measure, value, of_all = reading.measure, reading.value, reading.of_all
    for number in (value, of_all):
        if number is not None:
            refuse_number(number, measure)
    today = measure.campaign.local(at).date()
    if reading.on.year < measure.campaign.starts_on.year - EARLIEST_YEARS:
        raise NotTaken(
            _("%(day)s is more than ten years before the campaign. Is the year right?")
            % {"day": date_format(reading.on, "DATE_FORMAT")}
        )
    if reading.on > today:
        raise NotTaken(
            _("%(day)s has not come yet. A value is of today or an earlier day.")
            % {"day": date_format(reading.on, "DATE_FORMAT")}
        )
    if measure.unit == Unit.PERCENT and value > 100:
        raise NotTaken(_("A share is at most 100 per cent."))
    if of_all is not None and measure.unit not in OF_ALL:
        raise NotTaken(
            _("A part of all is told of posts, articles and shares. Of %(measure)s write the number alone.")
            % {"measure": str(measure)}
        )
    if of_all is not None and of_all < value:
        raise NotTaken(_("A part cannot be more than all: %(part)s of %(all)s.") % {"part": value, "all": of_all})


def refuse_number(number: Decimal, measure: Measure) -> None:
    """Raise NotTaken for a number that nothing in the unit of a measure can come to."""
    if not number.is_finite() or abs(number) >= LARGEST:
        raise NotTaken(_("This number is too large to be one."))
    if number != number.quantize(SMALLEST):
        raise NotTaken(_("At most %(places)s digits after the point.") % {"places": PLACES})
    if measure.unit != Unit.POINTS and number < 0:
        raise NotTaken(_("Fewer than none cannot be counted."))
    if measure.unit in COUNTED and number != number.to_integral_value():
        raise NotTaken(_("%(unit)s are counted in whole numbers.") % {"unit": capfirst(measure.get_unit_display())})


def take(reading: Reading, *, source: Source, by: User | None, at: datetime) -> Taken:
    """
    Keep a reading as a snapshot, in place of the one of the same day where that says something else, be it by its note. The same reading
    twice is one snapshot. Raise NotTaken, with nothing kept, for a value that cannot be. `by` is None where no person took it.
    """
    refuse_impossible(reading, at=at)
    with transaction.atomic():
        measure = Measure.objects.select_for_update().get(pk=reading.measure.pk)
        standing = Snapshot.objects.standing().filter(measure=measure, on=reading.on).first()
        said_before = standing and reading.note[:300] in ("", standing.note)
        if standing and said_before and (standing.value, standing.of_all) == (reading.value, reading.of_all):
            return Taken(standing, is_new=False)
        if standing:
            standing.replaced_at = at
            standing.save(update_fields=["replaced_at"])
        snapshot = Snapshot.objects.create(
            measure=measure,
            on=reading.on,
            value=reading.value,
            of_all=reading.of_all,
            unit=measure.unit,
            source=source,
            taken_at=at,
            taken_on=reading.measure.campaign.local(at).date(),
            taken_by=by,
            note=reading.note[:300],
            replaces=standing,
        )
        if measure.fault:
            Measure.objects.filter(pk=measure.pk).update(fault="")
        trail.note(
            "snapshot.replaced" if standing else "snapshot.taken",
            snapshot,
            by=by,
            at=at,
            measure=measure.key,
            on=reading.on.isoformat(),
            source=str(source),
        )
    return Taken(snapshot, is_new=True, replaced=standing)


def take_back(snapshot: Snapshot, *, by: User, at: datetime) -> None:
    """
    Take back a value that somebody gave, such as one of the wrong measure or day: what it replaced stands again, else there is a gap.
    It is kept, as one that does not stand. Raise NotTaken for one that does not, or that the site counts by itself.
    """
    with transaction.atomic():
        Measure.objects.select_for_update().get(pk=snapshot.measure_id)
        held = Snapshot.objects.standing().filter(pk=snapshot.pk, source__in=GIVEN).select_related("measure").first()
        if held is None:
            raise NotTaken(_("Not taken back: it does not stand any more, or the site counts it by itself."))
        before, held.replaces, held.replaced_at = held.replaces, None, at
        held.save(update_fields=["replaces", "replaced_at"])
        if before:
            before.replaced_at = None
            before.save(update_fields=["replaced_at"])
        trail.note("snapshot.taken_back", held, by=by, at=at, measure=held.measure.key, on=held.on.isoformat())
