"""
Values from a CSV file: a row each, with the measure's key (or its name), the day, and the value. Everything is read before anything is
kept, and a file with a wrong row keeps nothing: each wrong row is told with its number, in words.
"""

import codecs
import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from impact.models import Measure, Source

from . import snapshots
from .forms import NotANumber, number_of, reading_of
from .snapshots import NotTaken, Reading

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_FAULTS = 100  # told one by one
MOST_IGNORED = 20  # columns that are named
COLUMNS = {
    "measure": ("measure", "key", "mittari", "mått", "nyckel", "avain"),
    "on": ("day", "date", "on", "päivä", "päivämäärä", "pvm", "dag", "datum"),
    "value": ("value", "number", "arvo", "luku", "värde", "antal", "määrä"),
    "of_all": ("of_all", "of all", "all", "kaikista", "kaikki", "av alla", "alla"),
    "note": ("note", "huomautus", "anmärkning"),
}
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d")


class NotReadable(ValueError):
    """A file that cannot be read as values. The text says why. Nothing was kept."""


@dataclass(slots=True)
class Import:
    """What a file says: its readings, and (row, why) of each that is wrong. `new` and `same` count what came of them."""

    readings: list[Reading] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    wrong: int = 0
    ignored: list[str] = field(default_factory=list)
    new: int = 0
    replaced: int = 0
    same: int = 0

    def refuse(self, row: int, why: str) -> None:
        """Count a wrong row, and tell it unless there are a hundred already."""
        self.wrong += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append((row, why))


def text_of(data: bytes) -> str:
    """Return a file's text: UTF-8, UTF-16 with its mark, or else the Windows encoding of Western Europe. Raise NotReadable."""
    if len(data) > MOST_BYTES:
        raise NotReadable(_("The file is larger than 5 MB. Split it."))
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in data:
        raise NotReadable(_("This is not a CSV file. In the spreadsheet, save it as “CSV UTF-8” and choose that file."))
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        if encoding == "utf-16":
            raise NotReadable(_("The file ends in the middle of a character. Save it again and import it.")) from fault
        return data.decode("cp1252", "replace")


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows that hold something, with their numbers. Raise NotReadable."""
    lines = text.lstrip("\ufeff").splitlines(keepends=True)
    first = next((line for line in lines if line.strip(" \r\n;,\t")), "")
    if not first:
        raise NotReadable(_("The file is empty."))
    separator = max((";", "\t", ","), key=first.count)
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator, strict=True)
    found = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(found) > MOST_ROWS + 1:
                raise NotReadable(
                    _("The file has more than %(most)d rows. Split it and import the parts one by one.")
                    % {"most": MOST_ROWS}
                )
    except csv.Error as fault:
        says = _(
            "The file cannot be read from line %(line)d: a quotation mark there is not closed, or a cell is too long."
        )
        raise NotReadable(says % {"line": reader.line_num}) from fault
    return found


def columns_of(header: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return ({column: place}, columns left out). Raise NotReadable where one is missing or there twice."""
    by_word = {word: name for name, words in COLUMNS.items() for word in words}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, cell in enumerate(header):
        name = by_word.get(cell.casefold())
        if name in places:
            raise NotReadable(_("The column “%(name)s” appears twice. Keep one.") % {"name": cell[:60]})
        if name:
            places[name] = place
        elif cell and len(ignored) < MOST_IGNORED:
            ignored.append(cell[:60])
    if missing := [name for name in ("measure", "on", "value") if name not in places]:
        names = {"measure": "measure", "on": "day", "value": "value"}
        raise NotReadable(
            _("The first row has to name the columns measure, day and value. Missing: %(names)s.")
            % {"names": ", ".join(names[one] for one in missing)}
        )
    return places, ignored


def day_of(text: str) -> date:
    """Return the day that a text says: 2026-11-29, 29.11.2026 or 29/11/2026. Raise NotTaken."""
    for form in DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise NotTaken(_("“%(text)s” is not a day. Write it like 2026-11-29.") % {"text": text[:40]})


def read(data: bytes, campaign: Campaign, *, at: datetime) -> Import:
    """Return what a file says of a campaign's measures, with all that is wrong; nothing is kept. Raise NotReadable. One query."""
    rows = rows_of(text_of(data))
    places, ignored = columns_of(rows[0][1])
    found, known = Import(ignored=ignored), names_of(campaign)
    said: dict[tuple[int, date], int] = {}
    for number, cells in rows[1:]:
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            reading = reading_in(row, known, at=at)
            before = said.setdefault((reading.measure.pk, reading.on), number)
            if before != number:
                raise NotTaken(_("Line %(line)d is of the same measure and day.") % {"line": before})
            found.readings.append(reading)
        except (NotTaken, NotANumber) as fault:
            found.refuse(number, str(fault))
    if len(rows) == 1:
        raise NotReadable(_("The file has no rows below its first one."))
    return found


def names_of(campaign: Campaign) -> dict[str, Measure]:
    """Return a campaign's measures by their keys, and by their names in each language."""
    measures = list(Measure.objects.filter(campaign=campaign).select_related("campaign"))
    found = {name.casefold(): one for one in measures for name in one.name.values()}
    return found | {one.key: one for one in measures}


def reading_in(row: dict[str, str], known: dict[str, Measure], *, at: datetime) -> Reading:
    """Return what a row says. Raise NotTaken or NotANumber."""
    measure = known.get(row["measure"].lstrip("'").casefold())
    if measure is None:
        raise NotTaken(_("No measure is called “%(name)s”.") % {"name": row["measure"][:60]})
    value, of_all = reading_of(row["value"].lstrip("'"))
    if row.get("of_all"):
        of_all = number_of(row["of_all"].lstrip("'"))
    reading = Reading(measure, day_of(row["on"]), value, of_all, row.get("note", ""))
    snapshots.refuse_impossible(reading, at=at)
    return reading


@transaction.atomic
def keep(found: Import, campaign: Campaign, *, by: User | None, at: datetime) -> Import:
    """Keep all readings of a file without a wrong row, and count what came of them. Raise NotTaken for one with wrong rows."""
    if found.wrong:
        raise NotTaken(_("Nothing was kept: some rows are wrong."))
    for reading in found.readings:
        taken = snapshots.take(reading, source=Source.CSV, by=by, at=at)
        found.new += taken.is_new and taken.replaced is None
        found.replaced += taken.replaced is not None
        found.same += not taken.is_new
    trail.note("snapshot.imported", campaign, by=by, at=at, new=found.new, replaced=found.replaced, same=found.same)
    return found


def decimal_text(value: Decimal | None) -> str:
    """Return a number as files have it: 12.5, 2310, "" for none."""
    if value is None:
        return ""
    whole: Any = value.to_integral_value()
    return str(int(whole)) if whole == value else f"{value.normalize():f}"
