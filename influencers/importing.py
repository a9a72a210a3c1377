"""
Influencers from a CSV file: whatever a spreadsheet writes is read, every row's fate is shown, then it is stored.

The rules, in this order. A row without an address that mail can go to is refused. An address that left, said no, was
erased or is suppressed is never brought back. An address that takes part already is left as it is: what people say of
themselves is theirs. One that was invited, or that an earlier row of the file named, is the same person: the row adds
what is missing and changes nothing. An account that belongs to somebody else is refused. Everyone else is new, and
waits to be invited: a file is nobody's consent.

Both steps go through the file by thousands and keep in memory only addresses and accounts, so its size hardly matters.
A step that was cut off begins again and finds what is stored. People join while a file is stored: a thousand rows get
their fate and are stored while nobody else comes in.
"""

import codecs
import csv
import hashlib
import io
import itertools
import json
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.temp import NamedTemporaryFile
from django.db import connection, transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts import audit
from accounts.accepting import validate_address
from accounts.models import User
from bulletins.models import Platform
from campaigns import mojibake
from campaigns.models import Campaign, Region
from delivery.models import Recipient, Suppression, address_hash

from . import handles
from .joining.asking import AGE_GROUPS
from .joining.enrolling import next_references, one_at_a_time
from .models import ImportRun, Influencer, Interest, PlatformAccount, ValuesQuestion

log = logging.getLogger(__name__)

MOST_BYTES = 100 * 1024 * 1024
MOST_ROWS = 200_000
MOST_CELL = 2_000  # characters
MOST_ROW = 100 * MOST_CELL  # characters, over all its lines
AT_ONCE = 1_000  # rows
WAITS_DAYS = 7  # that a file may wait to be stored
LOST_AFTER = timedelta(minutes=15)  # a worker that said nothing for so long is gone

State = ImportRun.State

NEW, ADDS, SAME, KNOWN, BARRED, REFUSED = "new", "adds", "same", "known", "barred", "refused"
FATES = (NEW, ADDS, SAME, KNOWN, BARRED, REFUSED)

# What a column may be called in English, Finnish and Swedish, in small letters.
COLUMNS = {
    "name": ("name", "nimi", "namn"),
    "email": ("email", "e-mail", "mail", "sähköposti", "sähköpostiosoite", "e-post", "epost", "e-postadress"),
    "language": ("language", "kieli", "språk"),
    "other_languages": ("other_languages", "other languages", "muut kielet", "andra språk"),
    "region": ("region", "maakunta", "landskap"),
    "municipality": ("municipality", "kunta", "kommun", "city", "kaupunki", "stad"),
    "sami_homeland": ("sami_homeland", "saamelaisalue", "sameområde"),
    "audience_birth_decade": ("audience_birth_decade", "birth decade"),
    "topics": ("topics", "interests", "aiheet", "kiinnostukset", "ämnen", "intressen"),
    **{
        f"{platform}_handle": (f"{platform}_handle", f"{platform}_account", f"{platform}-tili", platform)
        for platform in Platform.values
    },
    **{
        f"{platform}_followers": (f"{platform}_followers", f"{platform} followers", f"{platform}-seuraajat")
        for platform in Platform.values
    },
}
AGES = {f"audience_{group}_pct": group for group in AGE_GROUPS}
GENDERS = {"audience_women_pct": "women", "audience_men_pct": "men", "audience_other_pct": "other"}
VALUE = re.compile(r"value_(\w{1,40})\Z")
YES = {"yes", "true", "1", "x", "kyllä", "ja"}
SEPARATOR = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)  # what Excel writes as the first line
LISTS = re.compile(r"[;|,]")
HIDDEN = re.compile("[\x00-\x1f\x7f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class NotReadable(ValueError):
    """A file that cannot be read as a list of people. The text says why and what to do. Nothing was stored."""


class NotPossible(Exception):
    """A step that an import cannot take now. The text says why."""


class Refused(ValueError):
    """A row that cannot be a person. The text says why."""


@dataclass(slots=True)
class Row:
    """A row as it is understood: `fields` of the influencer, `accounts` {(platform, handle): followers}, and notes."""

    number: int
    email: str = ""
    code: str = ""
    name: str = ""
    language: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    accounts: dict[tuple[str, str], int | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fate: str = ""
    why: str = ""


@dataclass(slots=True)
class Book:
    """What rows are understood with: the campaign's languages, regions, interests and values questions by their names."""

    campaign: Campaign
    languages: dict[str, str]
    regions: dict[str, Region]
    interests: dict[str, str]
    values: set[str]

    @classmethod
    def of(cls, campaign: Campaign) -> "Book":
        """Return the campaign's; four queries."""
        codes = list(campaign.languages.values_list("code", flat=True))
        words = {"fi": "finnish suomi finska", "sv": "swedish ruotsi svenska", "en": "english englanti engelska"}
        languages = {word: code for code in codes for word in (code, *words.get(code, "").split())}
        regions = {
            word.casefold(): region for region in Region.objects.all() for word in (region.code, *region.name.values())
        }
        interests = {
            word.casefold(): one.slug
            for one in Interest.objects.filter(campaign=campaign)
            for word in (one.slug, *one.name.values())
        }
        values = set(ValuesQuestion.objects.filter(campaign=campaign).values_list("key", flat=True))
        return cls(campaign, languages, regions, interests, values)


# --- The steps ---------------------------------------------------------------------------------------


def take(campaign: Campaign, file: Any, *, name: str, source: str, by: User, at: datetime) -> ImportRun:
    """Keep an uploaded file (Django's) to be read by a worker. Raise NotReadable for one that is empty or too large."""
    if not file.size:
        raise NotReadable(_("The file is empty. Its first row names the columns."))
    if file.size > MOST_BYTES:
        raise NotReadable(
            _("The file is larger than %(most)d MB. Split it and bring the parts one by one.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    run = ImportRun(
        campaign=campaign,
        name=tidy(name)[:120] or "influencers.csv",
        source=tidy(source)[:200],
        language=get_language() or "",
        by=by,
        at=at,
    )
    run.sha256 = digest.hexdigest()
    run.file.save(f"{run.sha256[:16]}.csv", file, save=False)
    run.save()
    audit.note("influencers.file_taken", run, by=by, at=at, digest=run.sha256)
    transaction.on_commit(wake, robust=True)
    return run


def ask_to_store(run: ImportRun, *, by: User, at: datetime) -> None:
    """Have a worker store what was shown. Raise NotPossible unless it waits for that."""
    moved = ImportRun.objects.filter(pk=run.pk, state=State.PLANNED).update(state=State.STORING, done=0, begun_at=None)
    if not moved:
        raise NotPossible(_("Nothing was done: this file does not wait to be stored any more."))
    audit.note("influencers.file_stored", run, by=by, at=at, digest=run.sha256)
    transaction.on_commit(wake, robust=True)


def drop(run: ImportRun, *, by: User | None, at: datetime) -> None:
    """Store nothing of a file and delete it. Raise NotPossible when it is being stored, or over."""
    open_states = [State.READING, State.PLANNED, State.UNREADABLE]
    if not ImportRun.objects.filter(pk=run.pk, state__in=open_states).update(state=State.DROPPED, ended_at=at):
        raise NotPossible(_("Nothing was done: this file is being stored, or that is over."))
    forget_files(run)
    audit.note("influencers.file_dropped", run, by=by, at=at, digest=run.sha256)


def work(*, at: datetime) -> int:
    """
    Do what waits: read files, store those that staff said yes to, drop those that waited too long; return how many.

    A run is claimed by one conditional update; one whose worker is gone is taken again. Not inside a transaction.
    """
    done = 0
    for run in ImportRun.objects.filter(state=State.PLANNED, at__lte=at - timedelta(days=WAITS_DAYS)):
        drop(run, by=None, at=at)
    waiting = ImportRun.objects.filter(state__in=[State.READING, State.STORING]).order_by("at")
    for run in waiting.select_related("campaign", "by"):
        if run.begun_at is not None and run.begun_at > at - LOST_AFTER:
            continue
        if not ImportRun.objects.filter(pk=run.pk, state=run.state, begun_at=run.begun_at).update(begun_at=at):
            continue
        with override(run.language or run.by.language or run.campaign.default_language):
            try:
                read(run) if run.state == State.READING else store(run, at=at)
            except NotReadable as fault:
                ImportRun.objects.filter(pk=run.pk).update(state=State.UNREADABLE, why=str(fault), ended_at=at)
                forget_files(run)
            except Exception:
                log.exception("The import %s was cut off; it is taken up again.", run.pk)
                continue
        done += 1
    return done


def wake_waiting(*, at: datetime) -> None:
    """Wake a worker when a file waits, or has waited too long to be stored."""
    stale = ImportRun.objects.filter(state=State.PLANNED, at__lte=at - timedelta(days=WAITS_DAYS))
    if ImportRun.objects.filter(state__in=[State.READING, State.STORING]).exists() or stale.exists():
        wake()


def wake() -> None:
    """Ask a worker to read or store what waits; the tick does it too."""
    from .tasks import work_imports

    work_imports.apply_async(queue="making", expires=60, retry=False)


def read(run: ImportRun) -> None:
    """Find the fate of every row and keep it beside the file. Raise NotReadable."""
    counts: Counter[str] = Counter()
    ignored: list[str] = []
    before = Before()
    with NamedTemporaryFile("w+b", suffix=".jsonl") as out:
        for rows, left_out in rows_of(run):
            ignored = left_out
            decide(rows, run.campaign, before)
            for row in rows:
                counts[row.fate] += 1
                said = {"row": row.number, "fate": row.fate, "name": row.name, "email": row.email, "why": row.why}
                out.write(json.dumps(said | {"notes": row.notes}, ensure_ascii=False).encode() + b"\n")
            step(run, rows)
        if not counts:
            raise NotReadable(_("The file has no rows below its first. Nothing was stored."))
        out.flush()
        out.seek(0)
        run.fates.save(f"{run.sha256[:16]}-fates.jsonl", File(out), save=False)
    ImportRun.objects.filter(pk=run.pk, state=State.READING).update(
        state=State.PLANNED, fates=run.fates.name, counts=counts, ignored=ignored, begun_at=None, done=0
    )


def store(run: ImportRun, *, at: datetime) -> None:
    """Store the rows, a thousand at a time, each by the same rules as they were shown. Raise NotReadable."""
    counts: Counter[str] = Counter()
    before = Before()
    for rows, _ignored in rows_of(run):
        with transaction.atomic():
            one_at_a_time(run.campaign)
            decide(rows, run.campaign, before)
            write([row for row in rows if row.fate == NEW], run, at=at)
            add([row for row in rows if row.fate in {ADDS, SAME}], run.campaign, at=at)
        counts.update(row.fate for row in rows)
        step(run, rows)
    ImportRun.objects.filter(pk=run.pk).update(state=State.APPLIED, ended_at=at, counts=counts, begun_at=None)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # so that the next questions about so many rows are planned well
            cursor.execute("ANALYZE influencers_influencer, influencers_platformaccount, delivery_recipient")
    forget_files(run)


def step(run: ImportRun, rows: list[Row]) -> None:
    """Note how far a run is, and that its worker is there."""
    from django.utils import timezone

    ImportRun.objects.filter(pk=run.pk).update(done=rows[-1].number - 1, begun_at=timezone.now())


def forget_files(run: ImportRun) -> None:
    """Delete a run's files: they hold addresses of people who said nothing yet."""
    for kept in (run.file, run.fates):
        if kept.name:
            kept.storage.delete(kept.name)
    ImportRun.objects.filter(pk=run.pk).update(file="", fates="")


# --- What becomes of a row -----------------------------------------------------------------------------


def rows_of(run: ImportRun) -> Iterator[tuple[list[Row], list[str]]]:
    """
    Yield the rows of a run's file by the thousand, as they are understood, and the columns that are left out; those that
    are refused have their fate. Raise NotReadable.
    """
    book = Book.of(run.campaign)
    with opened(run) as text:
        lines, places, width, ignored = table(text, book)
        for chunk in itertools.batched(lines, AT_ONCE):
            yield [understood(number, cells, places, width, book) for number, cells in chunk], ignored


@dataclass(slots=True)
class Before:
    """What earlier rows of a file have named: {address code: row} and {account: address code}."""

    people: dict[str, int] = field(default_factory=dict)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)


def decide(rows: list[Row], campaign: Campaign, before: Before) -> None:
    """Give each row its fate: by what is stored, and by the rows before it in the file. Four queries."""
    seen, taken = before.people, before.accounts
    codes = [row.code for row in rows if row.code]
    here = Influencer.objects.filter(campaign=campaign, recipient__address_hash__in=codes)
    states = dict(here.values_list("recipient__address_hash", "state"))
    said_no = set(here.exclude(invitations__declined_at=None).values_list("recipient__address_hash", flat=True))
    barred = set(Suppression.objects.filter(address_hash__in=codes).values_list("address_hash", flat=True))
    wanted = {account for row in rows for account in row.accounts}
    theirs = owners(campaign, wanted)
    for row in rows:
        if row.fate:
            continue
        state = states.get(row.code)
        elsewhere = next(
            (one for one in row.accounts if (theirs.get(one) or taken.get(one) or row.code) != row.code), None
        )
        if row.code in barred or row.code in said_no or state in {Influencer.State.LEFT, Influencer.State.ERASED}:
            row.fate, row.why = (
                BARRED,
                _("Left, said no, or must not be written to. A file does not bring anybody back."),
            )
        elif state == Influencer.State.ACTIVE:
            row.fate, row.why = KNOWN, _("Takes part already. What people say of themselves is not changed by a file.")
        elif elsewhere:
            row.fate = REFUSED
            row.why = _("The account %(account)s belongs to somebody with another address. Nobody was merged.") % {
                "account": f"{Platform(elsewhere[0]).label} @{elsewhere[1]}"
            }
        elif row.code in seen:
            row.fate, row.why = (
                SAME,
                _("The same person as in row %(row)d: adds what is missing there.") % {"row": seen[row.code]},
            )
        elif state == Influencer.State.INVITED:
            row.fate, row.why = ADDS, _("Was brought by an earlier file: adds what is missing.")
        else:
            row.fate = NEW
        if row.fate in {NEW, ADDS, SAME}:
            seen.setdefault(row.code, row.number)
            taken.update((one, row.code) for one in row.accounts)


def owners(campaign: Campaign, accounts: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return {account: address code of whose it is} of those that are known in a campaign; one query."""
    names = {handle for _platform, handle in accounts}
    found = PlatformAccount.objects.filter(influencer__campaign=campaign, handle__in=names)
    rows = found.values_list("platform", "handle", "influencer__recipient__address_hash")
    return {(platform, handle): code for platform, handle, code in rows if (platform, handle) in accounts}


# --- Storing -------------------------------------------------------------------------------------------


def write(rows: list[Row], run: ImportRun, *, at: datetime) -> None:
    """Store new people: invited to nothing yet, and enrolled in nothing. Nine queries or so."""
    if not rows:
        return
    codes = [row.code for row in rows]
    known = {one.address_hash: one for one in Recipient.objects.filter(address_hash__in=codes)}
    fresh = [
        Recipient(
            email=row.email,
            address_hash=row.code,
            name=row.name,
            language=row.language,
            state=Recipient.State.UNCONFIRMED,
            created_at=at,
        )
        for row in rows
        if row.code not in known
    ]
    known |= {one.address_hash: one for one in Recipient.objects.bulk_create(fresh)}
    references = next_references(run.campaign, len(rows))
    people = Influencer.objects.bulk_create(
        Influencer(
            campaign=run.campaign,
            recipient=known[row.code],
            reference=reference,
            name=row.name,
            state=Influencer.State.INVITED,
            came_by=run,
            joined_at=at,
            **row.fields,
        )
        for row, reference in zip(rows, references, strict=True)
    )
    day = run.campaign.local(at).date()
    PlatformAccount.objects.bulk_create(
        account(person, one, followers, day)
        for row, person in zip(rows, people, strict=True)
        for one, followers in row.accounts.items()
    )


def add(rows: list[Row], campaign: Campaign, *, at: datetime) -> None:
    """Fill in what is missing of people who have not joined the campaign yet; they are held, so that nobody is erased meanwhile."""
    if not rows:
        return
    waiting = Influencer.objects.filter(
        campaign=campaign,
        recipient__address_hash__in={row.code for row in rows},
        state=Influencer.State.INVITED,
    )
    held = waiting.select_for_update(of=("self",)).select_related("recipient").prefetch_related("accounts")
    people = {one.recipient.address_hash: one for one in held.order_by("pk")}
    accounts = []
    day = campaign.local(at).date()
    for row in rows:
        person = people.get(row.code)
        if person is None:
            continue
        if not person.name:
            person.name = row.name
        for name, value in row.fields.items():
            if not getattr(person, name):
                setattr(person, name, value)
        have = {(one.platform, one.handle) for one in person.accounts.all()}
        accounts += [account(person, one, number, day) for one, number in row.accounts.items() if one not in have]
    Influencer.objects.bulk_update(people.values(), ["name", *FIELDS], batch_size=200)
    PlatformAccount.objects.bulk_create(accounts, ignore_conflicts=True)


FIELDS = (
    "other_languages",
    "region",
    "municipality",
    "sami_homeland",
    "audience_birth_decade",
    "audience_ages",
    "audience_genders",
    "interests",
    "values",
)


def account(person: Influencer, place: tuple[str, str], followers: int | None, day: date) -> PlatformAccount:
    """Return an account of a person, not saved."""
    platform, handle = place
    counted = day if followers is not None else None
    return PlatformAccount(influencer=person, platform=platform, handle=handle, followers=followers, counted_on=counted)


# --- Reading -------------------------------------------------------------------------------------------


@contextmanager
def opened(run: ImportRun) -> Iterator[TextIO]:
    """Open a run's file as text, in the encoding that it is in. Raise NotReadable."""
    try:
        with run.file.open("rb") as data:
            encoding = encoding_of(data)
            data.seek(0)
            errors = "replace" if encoding == "cp1252" else "strict"
            yield io.TextIOWrapper(data, encoding, errors=errors, newline="")  # type: ignore[arg-type]
    except FileNotFoundError as fault:
        raise NotReadable(_("The file is not there any more. Bring it again.")) from fault


def encoding_of(data: Any) -> str:
    """Return the encoding of a file: UTF-8, UTF-16 with its mark, or else the Windows encoding of Western Europe."""
    start = data.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = plain = True
    chunk = start
    while chunk:
        if b"\x00" in chunk:
            raise NotReadable(
                _("This is no CSV file. In the spreadsheet, save it as “CSV UTF-8” and choose that file.")
            )
        if utf8:
            try:
                plain = decoder.decode(chunk).isascii() and plain
            except UnicodeDecodeError:
                utf8 = False
        chunk = data.read(1 << 20)
    if utf8 and plain and decoder.getstate()[0]:
        # The last letter is the only one beyond ASCII, and no whole one in UTF-8.
        utf8 = False
    return "utf-8-sig" if utf8 else "cp1252"


class Lines(Iterator[str]):
    """The lines of a file. Raises NotReadable when they are longer together than a row may be; `left` is for the next one."""

    def __init__(self, text: TextIO) -> None:
        self.text, self.left = text, MOST_ROW

    def __next__(self) -> str:
        line = self.text.readline(self.left + 1)
        if len(line) > self.left:
            raise NotReadable(_("A row is longer than %(most)d characters. Is this a CSV file?") % {"most": MOST_ROW})
        self.left -= len(line)
        if not line:
            raise StopIteration
        return line


def table(text: TextIO, book: Book) -> tuple[Iterator[tuple[int, list[str]]], dict[str, int], int, list[str]]:
    """Return (rows with their numbers, {column: place}, how many columns, columns left out). Raise NotReadable."""
    said, lines = None, Lines(text)
    try:
        filled = (line for line in lines if line.strip("\ufeff \r\n;,\t"))
        first = next(filled, "")
        if said := SEPARATOR.fullmatch(first):
            first = next(filled, "")
    except UnicodeError as fault:
        raise NotReadable(_("The file is cut off in the middle of a letter. Save it again and bring it.")) from fault
    separator = said[1] if said else max((";", "\t", ","), key=first.count)
    reader = csv.reader(itertools.chain([first.lstrip("\ufeff")], lines), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
    except csv.Error as fault:
        raise NotReadable(_("The first row cannot be read: a quotation mark in it has no end.")) from fault
    places, ignored = columns(header, book)
    return numbered(reader, lines), places, len(header), ignored


def numbered(reader: Any, lines: "Lines") -> Iterator[tuple[int, list[str]]]:
    """Yield (number, cells) of each row that holds something. Raise NotReadable."""
    number = 1
    while True:
        lines.left = MOST_ROW
        try:
            cells = next(reader, None)
        except csv.Error as fault:
            raise NotReadable(
                _(
                    "The file cannot be read from line %(line)d on: a quotation mark there has no end, or a cell is too long."
                )
                % {"line": reader.line_num}
            ) from fault
        except UnicodeError as fault:
            raise NotReadable(
                _("The file is cut off in the middle of a letter. Save it again and bring it.")
            ) from fault
        if cells is None:
            return
        number += 1
        if number > MOST_ROWS + 1:
            raise NotReadable(
                _("The file has more than %(most)d rows. Split it and bring the parts one by one.")
                % {"most": MOST_ROWS}
            )
        if any(cell.strip() for cell in cells):
            yield number, cells


def columns(header: Iterable[str], book: Book) -> tuple[dict[str, int], list[str]]:
    """Return ({column: place}, columns left out). Raise NotReadable when the address is missing, or one is there twice."""
    by_word = {word: name for name, words in COLUMNS.items() for word in words}
    places: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(header):
        word = tidy(cell[:100]).casefold()
        value = VALUE.match(word)
        known = word in AGES or word in GENDERS or (value is not None and value[1] in book.values)
        name = by_word.get(word) or (word if known else None)
        if name is None:
            if word:
                ignored.append(tidy(cell[:60]))
            continue
        if name in places:
            raise NotReadable(_("The column “%(name)s” is there twice. Keep one.") % {"name": name})
        places[name] = place
    if "email" not in places:
        raise NotReadable(_("A column with e-mail addresses is missing. Name it “email” in the first row."))
    return places, ignored


def understood(number: int, cells: list[str], places: dict[str, int], width: int, book: Book) -> Row:
    """Return a row as a person, or refused with the reason; what is only partly understood has a note."""
    row = Row(number)
    try:
        if any(text.strip() for text in cells[width:]):
            raise Refused(
                _("There are more cells than columns. A separator inside a cell needs quotation marks around it.")
            )
        said = {name: cell(cells[place]) for name, place in places.items() if place < len(cells) and cells[place]}
        row.notes += [note for text in said.values() if (note := misread(text))][:1]
        row.name = said.get("name", "")[:300]
        row.email = address(said.get("email", ""))
        row.code = address_hash(row.email)
        row.language = language(said.get("language", ""), book, row)
        row.fields = described(said, book, row)
        row.accounts = accounts(said, row)
    except Refused as refusal:
        row.fate, row.why = REFUSED, str(refusal)
    return row


def cell(text: str) -> str:
    """Return a cell without what spreadsheets and exports put around it. Raise Refused for one that is too long."""
    if len(text) > MOST_CELL:
        raise Refused(_("A cell is longer than %(most)d characters.") % {"most": MOST_CELL})
    text = tidy(text)
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text


def misread(text: str) -> str:
    """Return a note for words that were read in the wrong encoding before they came here, "" for all others."""
    words = mojibake.meant(text)
    if not words:
        return ""
    return _("“%(text)s” was read in the wrong encoding: it may be “%(meant)s”. Save the list as “CSV UTF-8” anew.") % {
        "text": text[:40],
        "meant": words[:40],
    }


def tidy(text: str) -> str:
    """Return text in one line without what does not show, each letter written in one way: macOS takes them apart."""
    return " ".join(unicodedata.normalize("NFC", HIDDEN.sub(" ", text)).split())


def address(text: str) -> str:
    """Return an address in small letters. Raise Refused for what mail cannot go to."""
    found = text.removeprefix("mailto:").strip(" <>;,").lower()
    if not found:
        raise Refused(_("The e-mail address is missing."))
    try:
        validate_address(found)
    except ValidationError as fault:
        raise Refused(_("“%(address)s” is no e-mail address.") % {"address": found[:80]}) from fault
    return found


def language(text: str, book: Book, row: Row) -> str:
    """Return one of the campaign's languages; its main one, with a note, for one that it does not have."""
    found = book.languages.get(text.casefold())
    if found is None:
        if text:
            row.notes.append(
                _("The campaign does not speak “%(language)s”; its main language is used.") % {"language": text[:20]}
            )
        return book.campaign.default_language
    return found


def described(said: dict[str, str], book: Book, row: Row) -> dict[str, Any]:
    """Return the fields of an influencer that a row names."""
    region = book.regions.get(said.get("region", "").casefold())
    if region is None and said.get("region"):
        row.notes.append(_("Unknown region: %(region)s.") % {"region": said["region"][:40]})
    topics = [one.strip() for one in LISTS.split(said.get("topics", "")) if one.strip()]
    unknown = [one for one in topics if one.casefold() not in book.interests]
    if unknown:
        row.notes.append(_("Unknown topics: %(topics)s.") % {"topics": ", ".join(unknown)[:80]})
    ages = shares({name: text for name, text in said.items() if name in AGES}, row)
    genders = shares({name: text for name, text in said.items() if name in GENDERS}, row)
    decade = said.get("audience_birth_decade", "")
    values = {}
    for name, text in said.items():
        asked = VALUE.match(name)
        if asked and text in {"1", "2", "3", "4", "5"}:
            values[asked[1]] = int(text)
    languages = [one.strip().lower() for one in LISTS.split(said.get("other_languages", "")) if one.strip()]
    return {
        "other_languages": [one for one in languages if re.fullmatch(r"[a-z]{2,3}", one)],
        "region": region,
        "municipality": said.get("municipality", "")[:80],
        "sami_homeland": said.get("sami_homeland", "").casefold() in YES,
        "audience_birth_decade": int(decade) if re.fullmatch(r"(19|20)\d0", decade, re.ASCII) else None,
        "audience_ages": {AGES[name]: number for name, number in ages.items()},
        "audience_genders": {GENDERS[name]: number for name, number in genders.items()},
        "interests": list(dict.fromkeys(book.interests[one.casefold()] for one in topics if one not in unknown)),
        "values": values,
    }


def shares(said: dict[str, str], row: Row) -> dict[str, int]:
    """Return whole percentages that add up to 100; none, with a note, when they don't."""
    try:
        found = {name: int(text.rstrip(" %")) for name, text in said.items()}
    except ValueError:
        found = {}
    if said and (sum(found.values()) != 100 or min(found.values(), default=-1) < 0):
        row.notes.append(_("Shares that don't add up to 100 per cent were left out."))
        return {}
    return found


def accounts(said: dict[str, str], row: Row) -> dict[tuple[str, str], int | None]:
    """Return {(platform, handle): followers}; with a note for a handle or number that cannot be read."""
    found: dict[tuple[str, str], int | None] = {}
    for platform in Platform.values:
        typed = said.get(f"{platform}_handle")
        if not typed:
            continue
        try:
            handle = handles.normal(platform, typed)
        except handles.BadHandle as fault:
            row.notes.append(f"{Platform(platform).label}: {fault}")
            continue
        number = said.get(f"{platform}_followers")
        try:
            found[platform, handle] = handles.followers(number, row.language) if number else None
        except handles.BadCount as fault:
            row.notes.append(f"{Platform(platform).label}: {fault}")
            found[platform, handle] = None
    return found


def shown(run: ImportRun, *, fate: str = "", start: int = 0, most: int = 200) -> list[dict[str, Any]]:
    """Return the fates of at most `most` rows, those after the first `start` of a fate ("" for any)."""
    if not run.fates:
        return []
    with run.fates.open("rb") as lines:
        every = (json.loads(line) for line in lines)
        return list(itertools.islice((one for one in every if not fate or one["fate"] == fate), start, start + most))
