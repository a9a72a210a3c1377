"""Agendas: filled from their sources until the meeting begins, then left as they were, so that notes refer to what was there."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from stories.exchanges.meetings import meeting_steps
from stories.exchanges.refusals import NotDone
from stories.models import AgendaItem, Meeting

from . import agenda_sources

log = logging.getLogger(__name__)

AHEAD = timedelta(days=7)  # how long before a meeting its agenda begins to fill
AGAIN = timedelta(minutes=10)
MOST_BY_HAND = 40


def fill_due(*, at: datetime) -> int:
    """
    Refresh the agendas of meetings that come soon, and freeze those of meetings that begin; return how many. One query where none is
    due. A source that fails leaves its points as they are.
    """
    stale = Q(agenda_at=None) | Q(agenda_at__lte=at - AGAIN) | Q(starts_at__lte=at)
    rows = Meeting.objects.filter(
        stale, frozen_at=None, cancelled_at=None, starts_at__lte=at + AHEAD, exchange__campaign__closed_at=None
    )
    meetings = list(rows.select_related("exchange__campaign").order_by("starts_at")[:10])
    for meeting in meetings:
        fill(meeting, at=at)
    return len(meetings)


@transaction.atomic
def fill(meeting: Meeting, *, at: datetime) -> None:
    """Bring an agenda up to date with its sources; the last time when the meeting begins."""
    one = meeting_steps.held(meeting)
    if one.frozen_at is not None or one.cancelled_at is not None:
        return
    moment = min(at, one.starts_at)
    since = since_of(one)
    rows = {(row.source, row.key): row for row in one.agenda.exclude(source="")}
    for number, source in enumerate(agenda_sources.registered(), start=1):
        try:
            with transaction.atomic():
                points = list(source.find(one.exchange.campaign, since, moment))
        except Exception:
            log.exception("The source %s of agendas went wrong.", source.key)
            continue
        take_over(one, source.key, points, rows, after=number * 1000)
    one.agenda_at = at
    one.frozen_at = at if one.starts_at <= at else None
    one.save(update_fields=["agenda_at", "frozen_at"])


def take_over(
    meeting: Meeting,
    source: str,
    points: Iterable[agenda_sources.Point],
    rows: Mapping[tuple[str, str], AgendaItem],
    *,
    after: int,
) -> None:
    """Store what one source says now: new points behind the others of it, changed words, and none that it no longer has."""
    found = {point.key: point for point in points}
    there = {key: row for (of, key), row in rows.items() if of == source}
    AgendaItem.objects.filter(pk__in=[row.pk for key, row in there.items() if key not in found]).delete()
    last = max([after, *(row.position for row in there.values())])
    new = [point for key, point in found.items() if key not in there]
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, source=source, key=point.key, title=point.title, position=last + number)
        for number, point in enumerate(new, start=1)
    )
    for key, row in there.items():
        if key in found and row.title != found[key].title:
            AgendaItem.objects.filter(pk=row.pk).update(title=found[key].title)


def since_of(meeting: Meeting) -> datetime:
    """Return since when things are new to a meeting: when the one before it in the series began, or as long ago as it would have; one query."""
    before = meeting.exchange.meetings.filter(starts_at__lt=meeting.starts_at, cancelled_at=None)
    last = before.order_by("-starts_at").values_list("starts_at", flat=True).first()
    return last or meeting.starts_at - timedelta(weeks=meeting.exchange.every_weeks)


# --- By hand ------------------------------------------------------------------------------------------------


def open_one(meeting: Meeting) -> Meeting:
    """Return a meeting whose agenda can be changed. Raise NotDone for another."""
    one = meeting_steps.held(meeting)
    if one.frozen_at is not None:
        raise NotDone(_("Not saved: the meeting has begun, and its agenda stays as it was then."))
    if one.cancelled_at is not None:
        raise NotDone(_("Not saved: this meeting is cancelled."))
    return one


@transaction.atomic
def add(meeting: Meeting, title: Mapping[str, str], *, minutes: int | None, by: User, at: datetime) -> AgendaItem:
    """Add a point at the end of those by hand, which come first."""
    one = open_one(meeting)
    if not any(title.values()):
        raise NotDone(_("Not added: write what it is about."))
    own = one.agenda.filter(source="")
    if own.count() >= MOST_BY_HAND:
        raise NotDone(_("Not added: this agenda is full."))
    last = own.order_by("-position").values_list("position", flat=True).first() or 0
    row = AgendaItem.objects.create(meeting=one, title=dict(title), minutes=minutes, position=last + 1, added_by=by)
    trail.note("meeting.agenda", one, by=by, at=at, added=1)
    return row


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a point: where it stands, how long it takes, whether it is left out."""

    position: int
    minutes: int | None
    left_out: bool


@transaction.atomic
def arrange(meeting: Meeting, wishes: Mapping[int, Wish], *, by: User, at: datetime) -> None:
    """Store in which order points come, how long they take, and which are left out; points by hand that are left out are deleted."""
    one = open_one(meeting)
    rows = list(one.agenda.filter(pk__in=wishes))
    for row in rows:
        wish = wishes[row.pk]
        if wish.left_out and not row.source:
            row.delete()
            continue
        AgendaItem.objects.filter(pk=row.pk).update(
            position=wish.position, minutes=wish.minutes, left_out=wish.left_out
        )
    trail.note("meeting.agenda", one, by=by, at=at, arranged=len(rows))


# --- As it is read ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A point as it is read: `heading` is that of its source, `page` the path to it or ""."""

    item: AgendaItem
    heading: str
    page: str


def read(meeting: Meeting, *, with_left_out: bool = False) -> list[Read]:
    """
    Return the points of a meeting in their order, without those whose matter nobody may see any more; a query for each source that has
    some, and one.
    """
    rows = [row for row in meeting.agenda.order_by("position", "pk") if with_left_out or not row.left_out]
    keys: dict[str, list[str]] = {}
    for row in rows:
        if row.source:
            keys.setdefault(row.source, []).append(row.key)
    sources = {one.key: one for one in agenda_sources.registered()}
    pages = {name: sources[name].pages(of) for name, of in keys.items() if name in sources}
    return [read_one(row, sources, pages) for row in rows if may_be_shown(row, pages)]


def may_be_shown(row: AgendaItem, pages: Mapping[str, Mapping[str, str]]) -> bool:
    """Return whether a point's matter may still be seen."""
    return not row.source or row.key in pages.get(row.source, {})


def read_one(row: AgendaItem, sources: Mapping[str, Any], pages: Mapping[str, Mapping[str, str]]) -> Read:
    """Return one point as it is read."""
    if not row.source:
        return Read(row, "", "")
    return Read(row, str(sources[row.source].heading), pages[row.source][row.key])


def total_minutes(points: Collection[Read]) -> int:
    """Return how long the points take that say so."""
    return sum(one.item.minutes or 0 for one in points if not one.item.left_out)
