"""A file as text in the encoding that it is in, and its table: columns, separators and numbered rows."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from django.utils.translation import gettext as _

from bulletins.models import Platform
from influencers.models import ImportRun

from .row_parser import AGES, GENDERS, MOST_CELL, VALUE, Book, normalized

MOST_ROWS = 200_000
MOST_ROW = 100 * MOST_CELL  # characters, over all its lines

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
SEPARATOR = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)  # what Excel writes as the first line


class NotReadable(ValueError):
    """A file that cannot be read as a list of people. The text says why and what to do. Nothing was stored."""


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
        raise NotReadable(_("The file is no longer there. Import it again.")) from fault


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
                _("This is not a CSV file. In the spreadsheet, save it as “CSV UTF-8” and choose that file.")
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
        raise NotReadable(_("The file ends in the middle of a character. Save it again and import it.")) from fault
    separator = said[1] if said else max((";", "\t", ","), key=first.count)
    reader = csv.reader(itertools.chain([first.lstrip("\ufeff")], lines), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
    except csv.Error as fault:
        raise NotReadable(_("The first row cannot be read: a quotation mark in it is not closed.")) from fault
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
                    "The file cannot be read from line %(line)d: a quotation mark there is not closed, "
                    "or a cell is too long."
                )
                % {"line": reader.line_num}
            ) from fault
        except UnicodeError as fault:
            raise NotReadable(_("The file ends in the middle of a character. Save it again and import it.")) from fault
        if cells is None:
            return
        number += 1
        if number > MOST_ROWS + 1:
            raise NotReadable(
                _("The file has more than %(most)d rows. Split it and import the parts one by one.")
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
        word = normalized(cell[:100]).casefold()
        value = VALUE.match(word)
        known = word in AGES or word in GENDERS or (value is not None and value[1] in book.values)
        name = by_word.get(word) or (word if known else None)
        if name is None:
            if word:
                ignored.append(normalized(cell[:60]))
            continue
        if name in places:
            raise NotReadable(_("The column “%(name)s” appears twice. Keep one.") % {"name": name})
        places[name] = place
    if "email" not in places:
        raise NotReadable(_("A column with email addresses is missing. Name it “email” in the first row."))
    return places, ignored
