"""
What of a campaign's numbers and notes everybody may see: as it stood when somebody entitled last agreed to it. What one person wrote or
counted since then waits for a second person. What the site, a feed or a service counts comes by itself, and what is taken back goes at once.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, User
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from impact.charts.week_charts import written
from impact.measures import queries
from impact.measures.csv_import import decimal_text
from impact.measures.snapshots import GIVEN
from impact.models import ChartNote, Measure, ResultsPage, Snapshot
from impact.weeks import Week

type Days = dict[tuple[int, date], Snapshot]


@dataclass(frozen=True, slots=True)
class Newer:
    """Something that waits for a second person: of what, what everybody sees and what they would see, "" for nothing."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits; `is_own` says whether one of it is by the person who looks, `digest` what exactly it is."""

    rows: list[Newer]
    is_own: bool

    @property
    def digest(self) -> str:
        """A fingerprint of what waits."""
        said = json.dumps([(one.what, one.before, one.after) for one in self.rows], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


def agreed_at(page: ResultsPage) -> datetime:
    """Return when somebody last agreed to what is public."""
    return page.agreed_at or page.opened_at


def state_of(campaign: Campaign, measures: Iterable[Measure]) -> dict[str, Any]:
    """Return the words of notes and measures as they stand, to be kept with a page. One query."""
    notes = ChartNote.objects.filter(campaign=campaign, measure=None)
    return {
        "notes": {str(one.pk): {"on": one.on.isoformat(), "words": one.words} for one in notes},
        "measures": {one.key: {"name": one.name, "aim": decimal_text(one.target)} for one in measures},
    }


def as_agreed(page: ResultsPage, measures: Iterable[Measure]) -> list[Measure]:
    """Return measures with the names and aims that were agreed to."""
    kept, found = (page.agreed or {}).get("measures", {}), list(measures)
    for one in found:
        if said := kept.get(one.key):
            one.name, one.target = said["name"], Decimal(said["aim"]) if said["aim"] else None
    return found


def notes_in(page: ResultsPage, weeks: Sequence[Week]) -> dict[Week, list[str]]:
    """Return the notes of weeks that were agreed to, without those that are not there any more. One query."""
    kept = (page.agreed or {}).get("notes", {})
    there = {str(pk) for pk in ChartNote.objects.filter(pk__in=kept).values_list("pk", flat=True)} if kept else set()
    found: dict[Week, list[str]] = {}
    for pk, note in sorted(kept.items(), key=lambda one: (one[1]["on"], int(one[0]))):
        week = Week.of(date.fromisoformat(note["on"]))
        if pk in there and weeks[0] <= week <= weeks[-1]:
            found.setdefault(week, []).append(in_language(note["words"]))
    return found


def week_values(measures: Sequence[Measure], weeks: Sequence[Week], *, at: datetime) -> queries.Values:
    """Return {measure: {week: value}} as `queries.week_values` does, of what somebody gave only what they had given by `at`. One query."""
    days = days_of(measures, weeks, at=at)
    return queries.in_weeks(measures, ((one.measure_id, one.on, one.value) for one in days.values()))


def days_of(measures: Iterable[Measure], weeks: Sequence[Week], *, at: datetime) -> Days:
    """
    Return the newest snapshot of each measure and day, of those that somebody gave only what they had given by `at`. Where the newest was
    taken back there is none: what it had replaced may never have been seen.
    """
    rows = Snapshot.objects.between(weeks[0].first, weeks[-1].last).filter(measure__in=measures)
    found: Days = {}
    for one in (
        rows.filter(~Q(source__in=GIVEN) | Q(taken_at__lte=at)).select_related("replaced_by").order_by("on", "pk")
    ):
        if not (is_taken_back(one) and one.replaced_at <= at):  # type: ignore[operator]  # taken back at some time
            found[one.measure_id, one.on] = one
    return {day: one for day, one in found.items() if not is_taken_back(one)}


def is_taken_back(snapshot: Snapshot) -> bool:
    """Return whether a snapshot does not stand, and no other does in its place; needs the other one at hand."""
    return snapshot.replaced_at is not None and not hasattr(snapshot, "replaced_by")


def waiting(
    page: ResultsPage, measures: Sequence[Measure], weeks: Sequence[Week], *, by: User, at: datetime
) -> Waiting:
    """
    Return what everybody would see of some measures and weeks beside what they see, which is nothing where a page is closed; of a measure
    that is not on the page it is everything. Four queries.
    """
    since = agreed_at(page) if page.pk and page.is_open else None
    kept = (page.agreed or {}) if since else {}
    now = state_of(page.campaign, measures)
    rows: list[Newer] = []
    touched: list[tuple[str, str]] = []
    for one in measures:
        before, after = kept.get("measures", {}).get(one.key), now["measures"][one.key]
        if before != after:
            rows.append(Newer(_("Name and aim of a measure"), named(before), named(after)))
            touched.append(("impact.measure", str(one.pk)))
    old = kept.get("notes", {})
    for pk, note in now["notes"].items():
        if old.get(pk) != note and weeks[0].first.isoformat() <= note["on"] <= weeks[-1].last.isoformat():
            rows.append(Newer(_("Note, %(day)s") % {"day": day_of(note["on"])}, said_in(old.get(pk)), said_in(note)))
            touched.append(("impact.chartnote", pk))
    values = newer_values(page, measures, weeks, since=since, at=at)
    rows += [newer for newer, _by in values]
    is_own = any(taken_by == by.pk for _newer, taken_by in values) or wrote(by, touched, since=since)
    return Waiting(rows, is_own)


def newer_values(
    page: ResultsPage, measures: Sequence[Measure], weeks: Sequence[Week], *, since: datetime | None, at: datetime
) -> list[tuple[Newer, int | None]]:
    """Return the values that somebody gave since a moment, each with who took it, in the order of their days. Two queries at most."""
    known = [one for one in measures if one.key in page.measures] if since else []
    seen = days_of(known, weeks, at=since) if since and known else {}
    names, found = {one.pk: str(one) for one in measures}, []
    for key, snapshot in sorted(days_of(measures, weeks, at=at).items(), key=lambda one: one[0][1]):
        before = seen.get(key)
        if snapshot.source in GIVEN and (before is None or before.value != snapshot.value):
            what = f"{names[snapshot.measure_id]}, {date_format(snapshot.on, 'SHORT_DATE_FORMAT')}"
            found.append(
                (Newer(what, written(before.value) if before else "", written(snapshot.value)), snapshot.taken_by_id)
            )
    return found


def wrote(by: User, touched: Iterable[tuple[str, str]], *, since: datetime | None) -> bool:
    """Return whether somebody wrote one of some rows, since a moment. One query, none without rows."""
    about = [Q(subject_type=kind, subject_id=pk) for kind, pk in touched]
    if not about:
        return False
    rows = AuditEntry.objects.filter(reduce(or_, about), actor=by)
    return (rows.filter(at__gt=since) if since else rows).exists()


def named(measure: dict[str, Any] | None) -> str:
    """Return the name and the aim of a measure as they are kept."""
    if measure is None:
        return ""
    return ", ".join(part for part in (in_language(measure["name"]), measure["aim"]) if part)


def said_in(note: dict[str, Any] | None) -> str:
    """Return the words of a note as they are kept, in every language."""
    return " · ".join(dict.fromkeys(note["words"].values())) if note else ""


def day_of(text: str) -> str:
    """Return a day as the active language writes it."""
    return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")
