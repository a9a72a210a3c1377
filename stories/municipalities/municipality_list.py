"""
A list of municipalities from a file (CSV): every row's fate is shown before anything is stored. A municipality is known by its code, so
the same list again changes nothing, and a newer one changes what differs. None is taken away: stories belong to them.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign, Region
from lib.text.characters import visible_text
from stories.models import Municipality

from . import invitations

MOST_BYTES = 500_000
MOST_ROWS = 5_000
LONGEST_NAME = 120
LONGEST_CODE = 20
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
KINDS = {
    "": Municipality.Kind.MUNICIPALITY,
    **dict.fromkeys(("municipality", "kunta", "kommun"), Municipality.Kind.MUNICIPALITY),
    **dict.fromkeys(("other", "muu", "annan"), Municipality.Kind.OTHER),
}
# What a column may be called, in small letters. The name in a language stands under "name_fi" or "name fi".
COLUMNS = {
    "code": ("code", "koodi", "kod", "kuntakoodi", "kommunkod"),
    "kind": ("kind", "laji", "slag"),
    "region": ("region", "maakunta", "landskap"),
    "email": ("email", "e-mail", "sähköposti", "e-post"),
    "language": ("language", "kieli", "språk"),
}
NAMES = ("name", "nimi", "namn")


class NotReadable(ValueError):
    """A file that is no list of municipalities. The text says why and what to do; nothing was stored."""


@dataclass(slots=True)
class Row:
    """One row of the file: what it says, and what becomes of it (`fate`); `why` it is refused."""

    number: int
    code: str
    kind: str = ""
    name: dict[str, str] = field(default_factory=dict)
    region: Region | None = None
    email: str = ""
    language: str = ""
    fate: str = NEW
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change. `digest` is the fingerprint of it all, as somebody reads it."""

    rows: list[Row]

    def of(self, fate: str) -> list[Row]:
        """Return the rows of a fate."""
        return [row for row in self.rows if row.fate == fate]

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) of what becomes of each row."""
        said = [
            (row.code, row.kind, row.name, row.region and row.region.code, row.email, row.fate) for row in self.rows
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()


def text_of(data: bytes) -> str:
    """Return a file as text. Raise NotReadable for one that is too long, or none."""
    if len(data) > MOST_BYTES:
        raise NotReadable(_("The file is too long for a list of municipalities. Is it the right one?"))
    if b"\x00" in data:
        raise NotReadable(_("This is not a CSV file. In the spreadsheet, save it as “CSV UTF-8” and choose that file."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def plan(campaign: Campaign, text: str) -> Plan:
    """Return what a list would change in a campaign. Raise NotReadable; three queries."""
    known = {one.code: one for one in Municipality.objects.filter(campaign=campaign).select_related("region")}
    regions = {one.code: one for one in Region.objects.all()}
    rows, seen = [], set[str]()
    for number, cells in table(text):
        row = understood(number, cells, campaign, regions)
        if not row.why and row.code in seen:
            row.why = _("This code stands in an earlier row too.")
        seen.add(row.code)
        row.fate = REFUSED if row.why else fate_of(row, known.get(row.code))
        rows.append(row)
    if not rows:
        raise NotReadable(_("The file has no rows below the first one. Nothing was saved."))
    return Plan(rows)


def table(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (number, {column: cell}) of each row that holds something. Raise NotReadable."""
    first = text.lstrip().partition("\n")[0]
    separator = max((";", "\t", ","), key=first.count)
    lines = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=separator, strict=True)
    try:
        header = [column_of(cell) for cell in next(lines, [])]
        if "code" not in header or not any(name.startswith("name") for name in header):
            raise NotReadable(
                _("The first row names the columns: “code” and “name_fi”, “name_sv” or another name are needed.")
            )
        for number, cells in enumerate(lines, start=2):
            if number > MOST_ROWS + 1:
                raise NotReadable(_("The file has more than %(most)d rows.") % {"most": MOST_ROWS})
            if any(cell.strip() for cell in cells):
                yield number, {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=False) if name}
    except csv.Error as fault:
        raise NotReadable(
            _("Row %(number)d cannot be read: a quotation mark in it is not closed.") % {"number": lines.line_num}
        ) from fault


def column_of(cell: str) -> str:
    """Return what a column is, "" for one that is left out."""
    word = " ".join(cell.split()).casefold().replace(" ", "_")[:60]
    start, _line, code = word.partition("_")
    if start in NAMES:
        return f"name_{code}" if code else "name"
    return next((name for name, words in COLUMNS.items() if word in words), "")


def understood(number: int, cells: Mapping[str, str], campaign: Campaign, regions: Mapping[str, Region]) -> Row:
    """Return what a row says; `why` says what is wrong with it."""
    codes = campaign.language_codes()
    name = {code: visible_text.seen(cells.get(f"name_{code}", "")) for code in codes}
    if "name" in cells:
        name[campaign.default_language] = name.get(campaign.default_language) or visible_text.seen(cells["name"])
    name = {code: text for code, text in name.items() if text}
    region, kind = cells.get("region", ""), cells.get("kind", "").casefold()
    row = Row(number, cells.get("code", "")[:60], KINDS.get(kind, ""), name, regions.get(region))
    row.email, row.language = cells.get("email", "").lower(), cells.get("language", "") or campaign.default_language
    row.why = fault_of(row, kind=kind, region=region, codes=codes)
    return row


def fault_of(row: Row, *, kind: str, region: str, codes: Any) -> str:
    """Return what is wrong with a row, "" for nothing."""
    if not row.code or len(row.code) > LONGEST_CODE:
        return _("The code is missing or too long.")
    if not row.name or max(map(len, row.name.values())) > LONGEST_NAME:
        return _("The name is missing or too long.")
    if not row.kind:
        return _("“%(kind)s” is no kind: write “municipality” or “other”.") % {"kind": kind[:40]}
    if region and row.region is None:
        return _("There is no region with the code “%(code)s”.") % {"code": region[:40]}
    if row.language not in codes:
        return _("The campaign does not have the language “%(code)s”.") % {"code": row.language[:40]}
    try:
        if row.email:
            validate_email(row.email)
    except ValidationError:
        return _("“%(email)s” is no email address.") % {"email": row.email[:80]}
    return ""


def fate_of(row: Row, known: Municipality | None) -> str:
    """Return what becomes of a row without faults."""
    if known is None:
        return NEW
    says = {"name": {**known.name, **row.name}, "kind": row.kind, "region": row.region or known.region}
    return SAME if all(getattr(known, name) == value for name, value in says.items()) else CHANGED


@transaction.atomic
def store(campaign: Campaign, text: str, *, digest: str, invites: bool, by: User, at: datetime) -> tuple[Plan, int]:
    """
    Store a list as it was shown, and return it with the number of people invited. With `invites` the addresses in it get
    invitations, where a municipality has nobody yet and no invitation that is open. Raise NotReadable when it would
    change something else than somebody read.
    """
    found = plan(campaign, text)
    if found.digest != digest:
        raise NotReadable(_("Something has changed since the list was shown. Look at it again."))
    for row in found.of(NEW) + found.of(CHANGED):
        one = Municipality.objects.filter(campaign=campaign, code=row.code).first() or Municipality(
            campaign=campaign, code=row.code
        )
        one.kind, one.name, one.region = row.kind, {**one.name, **row.name}, row.region or one.region
        one.save()
    counts: dict[str, Any] = {fate: len(found.of(fate)) for fate in (NEW, CHANGED, SAME, REFUSED)}
    trail.note("municipality.list_stored", campaign, by=by, at=at, **counts)
    return found, invite_listed(campaign, found, by=by, at=at) if invites else 0


def invite_listed(campaign: Campaign, found: Plan, *, by: User, at: datetime) -> int:
    """Invite the addresses of a list whose municipalities have nobody yet, and return how many that were."""
    listed = {row.code: row for row in found.rows if row.email and row.fate != REFUSED}
    waiting = Municipality.objects.filter(campaign=campaign, code__in=listed, members=None)
    invited = 0
    for one in waiting.exclude(invitations__in=invitations.open_ones(at=at)):
        row = listed[one.code]
        try:
            invitations.invite(one, row.email, language=row.language, by=by, at=at)
        except invitations.NotInvited:
            continue
        invited += 1
    return invited
