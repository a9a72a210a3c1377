"""
Claims from a CSV file: read whatever a spreadsheet writes, shown row by row before anything is stored, then stored in
one go. The same file stored again adds nothing.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import AuditEntry, User
from campaigns.models import Campaign
from factcheck.matching import similar_claims
from factcheck.models import Claim, ClaimStep, Sighting
from lib.text import similarity

from . import claim_reports

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
VERB = "claims.imported"

# What a column may be called in English, Finnish and Swedish.
COLUMNS = {
    "claim": ("claim", "väite", "påstående"),
    "language": ("language", "kieli", "språk"),
    "platform": ("platform", "kanava", "plattform", "alusta"),
    "url": ("url", "address", "link", "osoite", "linkki", "adress", "länk"),
    "channel": ("channel", "ryhmä", "tili", "grupp", "konto", "group", "account"),
    "reach": ("reach", "tavoittavuus", "räckvidd"),
    "date": ("date", "päivä", "päivämäärä", "datum", "dag", "seen on"),
    "note": ("note", "huomautus", "anteckning"),
}
NEEDED = ("claim", "platform", "date")
OTHER_NAMES = {"twitter": "x", "website": "web", "site": "web"}
TEMPLATE = (
    "claim,language,platform,url,channel,reach,date,note\r\n"
    '"Drinking hot water cures the virus",en,facebook,https://www.example.org/post/1,Example group,1200,2021-03-26,\r\n'
)


class NotReadable(ValueError):
    """A file that cannot be read as a list of claims. The text says why and what to do. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    A line of the file and what becomes of it: `fate` is one of NEW, AGAIN, KNOWN, REFUSED; `reason` says why it is
    refused. `claim` is the known claim of AGAIN and KNOWN, None while it comes from an earlier row of the same file.
    """

    NEW = "new"
    AGAIN = "again"
    KNOWN = "known"
    REFUSED = "refused"

    number: int
    text: str
    fate: str
    reason: str = ""
    claim: int | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What storing a file would do; `digest` names exactly this."""

    rows: tuple[Row, ...]
    digest: str

    def count(self, fate: str) -> int:
        """Return how many rows have this fate."""
        return sum(row.fate == fate for row in self.rows)

    @property
    def adds(self) -> int:
        """How many rows would store something."""
        return self.count(Row.NEW) + self.count(Row.AGAIN)


def plan(campaign: Campaign, data: bytes, *, by: User, at: datetime) -> Plan:
    """
    Return what becomes of every row, without storing anything; two queries however long the file is.

    Raise NotReadable for what is no such file.
    """
    known = {
        (code, similarity.plain(text)): pk
        for pk, texts in Claim.objects.filter(campaign=campaign).order_by("-pk").values_list("pk", "text")
        for code, text in texts.items()
    }
    names = ("claim_id", "language", "platform", "seen_on", "channel", "url", "reach", "note")
    told = set(Sighting.objects.filter(claim__campaign=campaign, reporter=by).values_list(*names))
    here: set[tuple[str, str]] = set()  # claims that begin in this file
    told_here: set[tuple[Any, ...]] = set()
    rows = []
    for number, cells in records(data):
        try:
            text, seen = checked(campaign, cells, at=at)
        except claim_reports.NotReportable as refusal:
            rows.append(Row(number, claim_reports.cleaned(cells.get("claim", "")[:200]), Row.REFUSED, str(refusal)))
            continue
        words = (seen["language"], similarity.plain(text) or text)
        claim = known.get(words)
        mark = (claim or words, *(seen[name] for name in names[1:]))
        if mark in told or mark in told_here:
            fate = Row.KNOWN
        else:
            fate = Row.AGAIN if claim or words in here else Row.NEW
        if not claim:
            here.add(words)
        told_here.add(mark)
        rows.append(Row(number, text, fate, claim=claim, seen=seen))
    digest = hashlib.sha256(data)
    digest.update(repr([campaign.pk, *((row.number, row.fate, row.claim) for row in rows)]).encode())
    return Plan(tuple(rows), digest.hexdigest())


@transaction.atomic
def store(campaign: Campaign, data: bytes, *, digest: str, by: User, at: datetime) -> Plan | None:
    """
    Store exactly what was shown, whose digest is given, and return it; None when that was stored before.

    Raise NotReadable when something changed since: then it is to be shown again.
    """
    Campaign.objects.select_for_update().get(pk=campaign.pk)  # one file at a time
    if AuditEntry.objects.about(campaign).filter(verb=VERB, digest=digest).exists():
        return None
    found = plan(campaign, data, by=by, at=at)
    if found.digest != digest:
        raise NotReadable(
            _("Not saved: other claims or sightings have been added in the meantime. Look through the rows again.")
        )
    new = [row for row in found.rows if row.fate == Row.NEW]
    claims = Claim.objects.bulk_create(
        [
            Claim(
                campaign=campaign,
                slug=claim_reports.short_name(row.text, f"{digest} {row.number}"),
                text={row.seen["language"]: row.text},
                created_at=at,
            )
            for row in new
        ],
        batch_size=500,
    )
    begun = {
        (row.seen["language"], similarity.plain(row.text) or row.text): claim.pk
        for row, claim in zip(new, claims, strict=True)
    }
    Sighting.objects.bulk_create(
        [
            Sighting(
                claim_id=row.claim or begun[row.seen["language"], similarity.plain(row.text) or row.text],
                via=Sighting.Via.FILE,
                reporter=by,
                created_at=at,
                **row.seen,
            )
            for row in found.rows
            if row.fate in {Row.NEW, Row.AGAIN}
        ],
        batch_size=500,
    )
    ClaimStep.objects.bulk_create(
        [ClaimStep(claim=claim, kind=ClaimStep.Kind.REPORTED, by=by, at=at, passed_on_at=at) for claim in claims],
        batch_size=500,
    )
    similar_claims.index_new(claims)
    trail.note(VERB, campaign, by=by, at=at, digest=digest, claims=len(new), sightings=found.adds)
    return found


# --- Reading -----------------------------------------------------------------------------------------


def records(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (number of the row, {column: cell}) of each row that holds something. Raise NotReadable."""
    text = decoded(data)
    lines = read_lines(text)
    try:
        header = next(lines)
    except StopIteration as fault:
        raise NotReadable(_("The file is empty. Its first row names the columns.")) from fault
    places = columns(header)
    for count, cells in enumerate((cells for cells in lines if any(cell.strip() for cell in cells)), start=1):
        if count > MOST_ROWS:
            raise NotReadable(
                _("The file has more than %(most)d rows. Split it and import the parts one by one.")
                % {"most": MOST_ROWS}
            )
        row = {name: cells[place] for name, place in places.items() if place < len(cells)}
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            row["extra"] = "1"
        yield count + 1, row


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or else the Windows encoding of Western Europe."""
    if len(data) > MOST_BYTES:
        raise NotReadable(
            _("The file is larger than %(most)d MB. Split it and import the parts one by one.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise NotReadable(_("This is not a CSV file. In the spreadsheet, save it as “CSV UTF-8” and choose that file."))
    return text


def read_lines(text: str) -> Iterator[list[str]]:
    """Yield the rows of a text, separated as its first line is. Raise NotReadable for quotation marks without end."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max((";", "\t", ","), key=first.count)
    reader = csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter=separator, strict=True)
    try:
        yield from reader
    except csv.Error as fault:
        raise NotReadable(
            _(
                "The file cannot be read from line %(line)d: a quotation mark there is not closed, or "
                "a cell is too long."
            )
            % {"line": reader.line_num}
        ) from fault


def columns(header: Iterable[str]) -> dict[str, int]:
    """Return {column: place}. Raise NotReadable when one is missing or there twice."""
    by_word = {word: name for name, words in COLUMNS.items() for word in words}
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = by_word.get(claim_reports.cleaned(cell[:100]).casefold())
        if name in places:
            raise NotReadable(_("The column “%(name)s” appears twice. Keep one.") % {"name": name})
        if name:
            places[name] = place
    if missing := [name for name in NEEDED if name not in places]:
        raise NotReadable(
            _("Columns are missing: %(names)s. The first row names the columns, as in the template.")
            % {"names": ", ".join(missing)}
        )
    return places


def checked(campaign: Campaign, cells: Mapping[str, str], *, at: datetime) -> tuple[str, dict[str, Any]]:
    """Return the words of a row and the fields of its sighting. Raise intake.NotReportable for what is wrong in it."""
    if "extra" in cells:
        raise claim_reports.NotReportable(
            _("The row has more cells than the first row. Put quotation marks around its text.")
        )
    text = claim_reports.checked_text(cells.get("claim", ""))
    platform = claim_reports.cleaned(cells.get("platform", "")[:100]).casefold()
    named = {str(label).casefold(): value for value, label in Sighting.Platform.choices}
    seen = claim_reports.checked_sighting(
        campaign,
        language=claim_reports.cleaned(cells.get("language", "")[:100]).lower() or campaign.default_language,
        platform=OTHER_NAMES.get(platform) or named.get(platform, platform),
        seen_on=day(cells.get("date", "")),
        channel=cells.get("channel", ""),
        url=cells.get("url", ""),
        reach=number(cells.get("reach", "")),
        note=cells.get("note", ""),
        at=at,
    )
    return text, seen


def day(cell: str) -> date:
    """Return a day written as 2021-03-26, 26.3.2021 or 26/3/2021. Raise intake.NotReportable for any other."""
    text = claim_reports.cleaned(cell[:100])
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", text, re.ASCII)
    usual = re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", text, re.ASCII)
    try:
        if iso:
            return date(*(int(part) for part in iso.groups()))
        if usual:
            return date(*(int(part) for part in reversed(usual.groups())))
    except ValueError:
        pass  # such as 31 June
    raise claim_reports.NotReportable(_("Enter the day, for example 2021-03-26."), "seen_on")


def number(cell: str) -> int | None:
    """Return a number of people, or None for an empty cell; spaces may group it. Raise intake.NotReportable."""
    text = re.sub(r"\s", "", claim_reports.cleaned(cell[:100]))
    if not text:
        return None
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII):
        raise claim_reports.NotReportable(_("Enter the reach as a number of people, or leave it empty."), "reach")
    return int(text)
