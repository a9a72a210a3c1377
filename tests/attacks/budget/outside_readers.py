"""
READERS: everything that reads bytes from outside, what it is fed with, and what that may cost.

A further reader is one more line of the table, a further case one more line of its cases. `test_budget.py` sees that no
module which opens an archive, a picture, a mail, a table or a markup language is missing here.
"""

import base64
import io
import json
import logging
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from functools import cache, partial
from http.client import HTTPMessage
from itertools import chain
from typing import Any

from django.test import RequestFactory
from PIL import Image

from bulletins.intake import api_requests, cap, input_attachments
from bulletins.models import NotAllowed
from campaigns.models import Campaign
from campaigns.site_languages import po_files
from delivery.feedback import inbound_headers, return_path_mails, sns, telegram_updates, webhooks
from delivery.transports.push import subscriptions
from delivery.transports.rooms import places as chat_places
from delivery.transports.rooms import providers as chat_providers
from delivery.transports.rooms import transport as chat_transport
from delivery.transports.sms import providers as sms_providers
from delivery.transports.sms import receipts as sms_receipts
from delivery.transports.sms import transport as sms_transport
from delivery.transports.whatsapp import cloud as whatsapp_cloud
from delivery.transports.whatsapp import receipts as whatsapp_receipts
from delivery.transports.whatsapp import templates as whatsapp_templates
from factcheck.evidence import page_text
from factcheck.intake import claim_reports, claims_csv
from factcheck.matching import canonical_urls
from impact.measures import csv_import as measured_values
from impact.measures import forms as measure_forms
from impact.measures import snapshots
from impact.measures.collectors import collector, media_feed
from impact.models import Measure
from influencers.inbox.mail import mail_attachments, mime_reader, quoted_text
from influencers.onboarding.csv_import import reader
from influencers.onboarding.csv_import.row_parser import Book, understood
from influencers.profiles import follower_counts, handles
from lib.http.kept_connections import MOST_BYTES, Answer
from lib.images import code_reader, likeness, uploaded_images
from lib.images.card import THUMBNAIL
from lib.text import markup, similarity, subtitles
from lib.text.characters import visible_text
from lib.text.facts import detection, replacement
from lib.text.facts.surroundings import ages, agreement, citations, limits, lone_weekdays, script_timings
from lib.text.linguistics import readability
from lib.text.revisions import word_diff
from lib.text.statements.comparison import Sentence, normal
from operations.logs import formatters
from stories.exchanges.answers import calendar_replies
from stories.municipalities import municipality_list
from stories.sending import tus_views, uploads
from tests.attacks import payloads
from website.check_text import matcher
from website.check_text import pictures as checked_pictures
from website.search import query_syntax

from .measure import Case, Reader

AT = datetime(2026, 3, 25, 12, tzinfo=UTC)
MEGABYTE = 1024 * 1024

# What a run can be made of: each sign that some pattern or parser stops at, letters of every width, and pairs of them.
UNITS = (
    *"aA0.-_ \t\n\r@<>\"'()[]{}/\\:;,=&?%#*+~!$^|`éä“–€‮", "\x00", "\x1b", "＠", "\u00a0", "\u200b", "\u2028", "\ufeff", "\U0001f600",
    "a-", "a.", "a ", "a@", "a=", "a\n", "1.", "1 ", "12:", "- ", "> ", "\n\n", " \n", "\r\n", "<a", "<a ", "</", "<!--", "<!", "<?", "&#", "&a",
    "[](", "![", "](", "**", "*a ", "_a", "`a", "a|", "%41", "%C3", "=?", "=?utf-8?q?=61?= ", "http://a", "a@b.", "e\u0301", "Aa0", "a<", "x=\"",
)  # fmt: skip
# What makes a reader look closer at what follows.
OPENINGS = ("", "Origin: http://", "a cookie=\n")


def runs(*lengths: int, openings: tuple[str, ...] = ("",)) -> Iterator[tuple[str, str]]:
    """Yield (name, text): runs of everything that a run can be made of, and texts of `payloads`."""
    for opening in openings:
        for unit in UNITS:
            for length in lengths:
                yield f"{opening!r} and {length} of {unit!r}", opening + unit * (length // len(unit))
    for text in payloads.MARKDOWN:
        yield f"payload {text[:40]!r}", text


def texts(*lengths: int, openings: tuple[str, ...] = ("",)) -> Iterator[Case]:
    """Yield the same as bytes."""
    for name, text in runs(*lengths, openings=openings):
        yield name, text.encode("utf-8", "surrogateescape")


def as_text(data: bytes) -> str:
    """Return bytes as text, whatever they are."""
    return data.decode("utf-8", "replace")


# --- The logs ------------------------------------------------------------------------------------------


def log(data: bytes) -> None:
    """Write a line with what someone sent, as each of our handlers does, also in a traceback."""
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "Refused: %s", (as_text(data),), None)
    record.exc_text = as_text(data)
    shown = formatters.Clean().filter(record)
    formatters.Lines().format(shown)
    formatters.JsonLines().format(shown)


# --- Files ---------------------------------------------------------------------------------------------


def archive(*entries: tuple[str, bytes], stated: int | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP file, each entry of which says that it has `stated` bytes once it is unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, data in entries:
            packed.writestr(name, data)
    changed = bytearray(out.getvalue())
    if stated is not None:
        for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            at = changed.find(mark)
            while at >= 0:
                struct.pack_into("<I", changed, at + place, stated)
                at = changed.find(mark, at + 4)
    return bytes(changed)


def lying(megabytes: int, name: str = "mimetype", times: int = 1) -> bytes:
    """Return an archive whose first entry unpacks to so many megabytes, and says that it has 39 bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)  # and as many as one likes may follow
    packed = one * megabytes + packer.flush()
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, 0, len(packed), 39, len(name), 0)
    local = b"PK\x03\x04" + head + name.encode() + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, times, times, len(central) * times, len(local), 0)
    return local + central * times + end


@cache
def archives() -> tuple[Case, ...]:
    """Return archives that lie, made once for all that read them."""
    return tuple(lying_archives())


def lying_archives() -> Iterator[Case]:
    """Yield archives that lie."""
    odt = b"application/vnd.oasis.opendocument.text"
    yield "an honest document", archive(("mimetype", odt), ("content.xml", b"<a/>"), method=zipfile.ZIP_STORED)
    yield "a mimetype of 1 GB that says 39 bytes", lying(1000)
    yield "a word/document.xml of 500 MB", lying(500, "word/document.xml")
    yield "the same entry 200,000 times", lying(1, times=65_535)
    yield "100,000 entries", archive(*((f"{n}", b"") for n in range(100_000)))
    yield "names of 60 kB", archive(*((f"{n}" + "a" * 60_000, b"") for n in range(300)))
    yield "says that it has 4 GB", archive(("mimetype", odt), stated=0xFFFFFFFE)
    yield "a mimetype in bzip2", archive(("mimetype", bytes(50 * MEGABYTE)), stated=39, method=zipfile.ZIP_BZIP2)
    yield "a mimetype in LZMA", archive(("mimetype", bytes(50 * MEGABYTE)), stated=39, method=zipfile.ZIP_LZMA)
    yield "an end that leads nowhere", b"PK\x03\x04" + b"PK\x05\x06" + b"\xff" * 18
    yield "a million ends", b"PK\x03\x04" + b"PK\x05\x06" * 1_000_000
    yield "nothing but the beginning", b"PK\x03\x04" + bytes(MEGABYTE)


def files() -> Iterator[Case]:
    """Return files of the kinds that come with a message input, and what pretends to be one."""
    return chain(archives(), filled())


def filled() -> Iterator[Case]:
    """Yield files that are what they pretend to be in their first bytes only."""
    for start in (b"%PDF-1.7\n", b"GIF89a", input_attachments.OLD_OFFICE, b"\xff\xfe", b"\xef\xbb\xbf", b""):
        for fill in (b"\0", b"a", b"\xff", b"\n", b"<<"):
            yield f"{start!r} and 20 MB of {fill!r}", start + fill * (20 * MEGABYTE // len(fill))


def examine(data: bytes) -> None:
    """Look at a file as it comes with an input, under each name that it may have."""
    for ending in (".odt", ".docx", ".txt", ".pdf"):
        try:
            input_attachments.examine(f"file{ending}", data)
        except NotAllowed:
            continue


# --- Pictures and videos ----------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, colours: int = 2, *before: bytes) -> bytes:
    """Return a PNG of one colour, as small as it gets."""
    depth = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours]
    packer = zlib.compressobj(9)
    line = bytes(1 + width * depth)
    rows = b"".join(packer.compress(line) for _row in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0))
    palette = chunk(b"PLTE", bytes(768)) if colours == 3 else b""
    return uploaded_images.PNG + head + palette + b"".join(before) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def soft() -> bytes:
    """Return a PNG of nearly 4 million pixels in which no two rows are alike, its transparency neither."""
    slope, out = Image.linear_gradient("L").resize((2000, 1990)), io.BytesIO()
    sides = (slope, slope.transpose(Image.Transpose.FLIP_LEFT_RIGHT), slope.rotate(90).resize(slope.size))
    Image.merge("RGBA", (*sides, Image.effect_noise(slope.size, 2))).save(out, "PNG", compress_level=3)
    return out.getvalue()


@cache
def pictures() -> tuple[Case, ...]:
    """Return pictures that are dear to read, made once for all that read them: that takes longer than reading them."""
    return tuple(dear_pictures())


def dear_pictures() -> Iterator[Case]:
    """Yield pictures that are small as files and large once they are decoded, or broken."""
    bomb = zlib.compress(bytes(100 * MEGABYTE), 9)
    yield "an honest one", png(64, 48)
    yield (
        "60,000 × 60,000 by its head",
        uploaded_images.PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)),
    )
    yield "7071 × 7071 in 200 kB", png(7071, 7071, 6)
    yield "12 million in colours and transparency", png(4000, 3000, 6)
    yield "a screenshot whose transparency is soft", soft()
    yield "a JPEG in 100,000 scans", b"\xff\xd8" + b"\xff\xda\0\x08\1\1\0\0\x3f\0\0" * 100_000
    yield "a profile of 100 MB", png(8, 8, 2, chunk(b"iCCP", b"x\0\0" + bomb))
    yield "a text of 100 MB", png(8, 8, 2, chunk(b"zTXt", b"x\0\0" + bomb))
    yield "an international text of 100 MB", png(8, 8, 2, chunk(b"iTXt", b"x\0\1\0\0\0" + bomb))
    yield "2,000 texts of 1 MB", png(8, 8, 2, *[chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(MEGABYTE)))] * 2_000)
    yield "100,000 chunks", png(8, 8, 2, *[chunk(b"tEXt", b"x\0")] * 100_000)
    yield (
        "rows that never end",
        uploaded_images.PNG
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", bomb)
        + chunk(b"IEND", b""),
    )
    yield "a JPEG of markers", b"\xff\xd8\xff" + b"\xff\xe1\0\2" * 500_000
    yield "a JPEG of filling", b"\xff\xd8\xff" + b"\xff" * 2_000_000
    yield "a WebP that says 4 GB", b"RIFF\xff\xff\xff\xffWEBPVP8X\xff\xff\xff\xff" + bytes(1_000)
    yield "25 MB of nearly a script", b"\xff\xd8\xff" + b"<scrip" * 4_000_000


def look_through(data: bytes) -> None:
    """Do with a picture that anyone wants to have checked what needs no database."""
    with uploaded_images.looked_at(
        data, most_reduced=checked_pictures.MOST_PHOTO, enough=checked_pictures.ENOUGH
    ) as picture:
        grey = checked_pictures.in_grey(picture)
        del picture
        codes = code_reader.codes_in(grey)
        for one in codes:
            checked_pictures.code_of(one.text), checked_pictures.host_of(one.text)
        likeness.hash_of(grey)
        likeness.compare(grey, Image.new("L", (THUMBNAIL, 600)), likeness.Place(0, 0, grey.width / THUMBNAIL))


def box(name: bytes, data: bytes, size: int | None = None) -> bytes:
    """Return a box of an MP4."""
    return struct.pack(">I4s", 8 + len(data) if size is None else size, name) + data


def videos() -> Iterator[Case]:
    """Yield containers that say more than they hold, or never end."""
    ftyp, webm = box(b"ftyp", b"isom" + bytes(8)), uploaded_images.EBML + b"\x9f" + b"\x42\x82\x84webm" + bytes(40)
    nested = b""
    for _depth in range(2_000):
        nested = box(b"moov", nested)
    yield "an honest one", ftyp + box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", box(b"tkhd", bytes(92))))
    yield "a million empty boxes", ftyp + box(b"free", b"") * 1_000_000
    yield "3 million private boxes", ftyp + box(b"moov", b"") + box(b"udta", b"") * 3_000_000
    yield "boxes in each other", ftyp + nested
    yield "a box of 16 EB", ftyp + struct.pack(">I4sQ", 1, b"moov", 2**63)
    yield "a box without end", ftyp + box(b"moov", bytes(MEGABYTE), 0)
    yield "200,000 track heads", ftyp + box(b"moov", box(b"trak", box(b"tkhd", bytes(92))) * 20_000)
    yield "a WebM of empty elements", webm + b"\xec\x80" * 1_000_000
    yield "a WebM of segments", webm + b"\x18\x53\x80\x67\xff" * 300_000
    yield "an element of 64 PB", webm + b"\x18\x53\x80\x67\xff" + b"\x2a\xd7\xb1\x01\x7f\xff\xff\xff\xff\xff\xfe"
    yield "nothing but zeros", webm + bytes(10 * MEGABYTE)


# --- Mail ------------------------------------------------------------------------------------------------

HEAD = "From: spy@evil.example\r\nTo: answers@example.org\r\nMessage-ID: <m@evil.example>\r\nMIME-Version: 1.0\r\n"


def mails() -> Iterator[Case]:
    """Yield mails that some reader stumbles over."""
    words = "Content-Type: text/plain\r\n\r\nwords"
    part = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n" for at in range(3_000))
    yield from (
        (name, (HEAD + body).encode())
        for name, body in {
            "an honest one": f"Subject: Hello\r\n{words}",
            "a million < in HTML": f"Content-Type: text/html\r\n\r\n{'<' * 1_000_000}",
            "a megabyte of <a in HTML": f"Content-Type: text/html\r\n\r\n{'<a ' * 350_000}",
            "a megabyte of comments in HTML": f"Content-Type: text/html\r\n\r\n{'<!--' * 250_000}",
            "a megabyte of lists in HTML": f"Content-Type: text/html\r\n\r\n{'<ul><li>' * 125_000}",
            "a subject of encoded words": f"Subject: {'=?utf-8?q?=61?= ' * 65_000}\r\n{words}",
            "a subject of half an encoded word": f"Subject: {'=?' * 500_000}\r\n{words}",
            "30,000 parts": "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 30_000 + "--b--\r\n",
            "parts in each other": f"{deep}{words}",
            "mails in each other": "Content-Type: message/rfc822\r\n\r\n" * 2_000 + words,
            "50,000 headers": "X-A: b\r\n" * 50_000 + words,
            "a header of a megabyte": f"X-A: {'a' * 1_000_000}\r\n{words}",
            "a header that is folded without end": "X-A: a\r\n" + " a\r\n" * 100_000 + words,
            "20,000 parameters": f"Content-Type: text/plain{''.join(f'; a*{n}=b' for n in range(20_000))}\r\n\r\nx",
            "200,000 addresses": f"Cc: {'a@b.example, ' * 80_000}\r\n{words}",
            "comments in addresses": f"Cc: {'(' * 200_000}\r\n{words}",
            "quoted names": f"Cc: {chr(34) * 300_000}\r\n{words}",
            "references without end": f"References: {'<a@b> ' * 150_000}\r\n{words}",
            "a megabyte of quotations": "Content-Type: text/plain\r\n\r\n" + "> words\r\n" * 110_000,
            "a megabyte in a line": "Content-Type: text/plain\r\n\r\n" + "On 1 wrote " * 90_000,
            "a text in punycode": f"Content-Type: text/plain; charset=punycode\r\n\r\n{'x' * 850_000}-{'a' * 850_000}",
            "a page in punycode": f"Content-Type: text/html; charset=punycode\r\n\r\n{'x' * 850_000}-{'a' * 850_000}",
            "letters of 8 bits in punycode": f"Content-Type: text/plain; charset=punycode\r\n\r\nä{'x' * 850_000}-{'a' * 850_000}",
            "a subject in punycode": f"Subject: =?punycode?q?{'x' * 400_000}-{'a' * 400_000}?=\r\n{words}",
            "base64 that is none": "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + "=" * 1_000_000,
        }.items()
    )  # fmt: skip


def letter(data: bytes) -> None:
    """Read a mail that came in, as far as no table is asked."""
    found = mime_reader.read(message_from_bytes(data))
    mime_reader.stored_text(found)
    mail_attachments.examine_files(mime_reader.enclosed(found))
    quoted_text.without_address(found.text, name=found.from_name, address=found.from_address)


def calendar_answer(data: bytes) -> None:
    """Read what a calendar program answers, alone and as the part of a mail."""
    calendar_replies.read(data[: calendar_replies.LARGEST])
    calendar_replies.reply_in(message_from_bytes(b"Content-Type: text/calendar; method=REPLY\r\n\r\n" + data))


def report(data: bytes) -> None:
    """Read a mail that came to the return path, as far as no table is asked."""
    if return_path_mails.is_too_long(data):
        return
    mail = message_from_bytes(data)
    inbound_headers.shorten(mail)
    addresses = return_path_mails.addressed(mail, return_path_mails.CAME_TO)
    if told := return_path_mails.reported_in(mail):
        return_path_mails.report_in(mail, told, addresses[: return_path_mails.ADDRESSES], at=AT)


def reports() -> Iterator[Case]:
    """Yield mails, also as what a mail server reports."""
    kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    status = "Content-Type: message/delivery-status\r\n\r\n"
    fields = {
        "an honest one": "Reporting-MTA: dns; a\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        "100,000 blank lines": "\r\n\r\n" * 200_000,
        "100,000 recipients": "Action: failed\r\nStatus: 5.1.1\r\n\r\n" * 25_000,
        "a status of a megabyte": "Action: failed\r\nDiagnostic-Code: smtp; " + "5." * 450_000,
        "digits without end": "Action: failed\r\nDiagnostic-Code: smtp; " + "550-" * 200_000,
    }
    yield from ((name, f"{HEAD}{kind}{status}{text}\r\n--b--\r\n".encode()) for name, text in fields.items())
    yield from mails()


# --- Tables ------------------------------------------------------------------------------------------------


def table(campaign: Any, data: bytes) -> None:
    """Read a list of influencers, as far as no table of ours is asked."""
    book = Book(campaign, {"en": "en"}, {}, {}, {"one"})
    encoding = reader.encoding_of(io.BytesIO(data))
    text = io.TextIOWrapper(
        io.BytesIO(data), encoding, errors="replace" if encoding == "cp1252" else "strict", newline=""
    )
    rows, places, width, _ignored = reader.table(text, book)
    for number, cells in rows:
        understood(number, cells, places, width, book)


def tables(head: str) -> Iterator[Case]:
    """Yield tables below a first row."""
    yield "an honest one", f"{head}\r\n".encode() + b"a@b.example,Anna\r\n" * 10
    yield "a quotation without end", f'{head}\r\n"'.encode() + b"a" * MEGABYTE
    yield "quotation marks", f"{head}\r\n".encode() + b'"' * MEGABYTE
    yield "200,000 columns", b"a," * 200_000
    yield "200,000 columns below", f"{head}\r\n".encode() + b"a," * 200_000
    yield "200,000 columns of one name", b"email," * 200_000
    yield "a million empty rows", f"{head}\r\n".encode() + b"\r\n" * MEGABYTE
    yield "a million empty rows first", b"\r\n" * MEGABYTE
    yield "a row of 20 MB of cells", f"{head}\r\n".encode() + b"," * 20 * MEGABYTE
    yield "a row of 20 MB on many lines", f"{head}\r\n".encode() + b'"\n",' * 4 * MEGABYTE
    yield "a row of 20 MB first", b"a" * 20 * MEGABYTE
    yield "UTF-16 that is none", b"\xff\xfe" + b"\xd8" * MEGABYTE
    yield "a mark and nothing", b"\xff\xfe"
    for name, data in texts(100_000):
        yield f"a cell: {name}", f"{head}\r\n".encode() + b"a@b.example," + data
    for name, data in texts(1_900):
        yield f"an address: {name}", f"{head}\r\n".encode() + data + b",Anna\r\n"


# --- Alerts, bodies, webhooks -------------------------------------------------------------------------------


def catalogs() -> Iterator[Case]:
    """Yield catalogs of words (.po), and what pretends to be one."""
    head = b'msgid ""\nmsgstr "Plural-Forms: nplurals=%s; plural=%s;\\n"\n\n'
    yield "an honest one", head % (b"2", b"(n != 1)") + b'msgid "Language"\nmsgstr "x"\n'
    yield "a billion forms", head % (b"999999999", b"n") + b'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n'
    yield "a rule of parentheses", head % (b"2", b"(" * 400 + b"n" + b")" * 400)
    yield "a rule of signs", head % (b"2", b"!" * 400 + b"n")
    yield "a rule of a megabyte", head % (b"2", b"n+" * (MEGABYTE // 2) + b"1")
    yield "many texts", b'msgid "a"\nmsgstr "b"\n\n' * 40_000
    yield "a text without end", b'msgid "' + b"a" * 2 * MEGABYTE
    yield "a text on many lines", b'msgid ""\n' + b'"a"\n' * 400_000
    yield "backslashes", b'msgid "' + b"\\" * 2 * MEGABYTE + b'"\n'
    yield "comments", b"#\n" * 900_000
    yield "too large", b"#" * 4 * MEGABYTE


def alerts() -> Iterator[Case]:
    """Yield alerts that an XML parser suffers from."""
    opening, closing = f'<alert xmlns="{cap.NAMESPACE}">', "</alert>"
    for name, body in {
        "nested": "<a>" * 5_000 + "</a>" * 5_000,
        "too many elements": "<a/>" * 200_000,
        "attributes": f"<a {' '.join(f'a{n}=""' for n in range(50_000))}/>",
        "one attribute of a megabyte": f'<a b="{"a" * 1_000_000}"/>',
        "a text of 5 MB": f"<identifier>{'a ' * 2_500_000}</identifier>",
        "character references": "<identifier>" + "&#10;" * 200_000 + "</identifier>",
        "comments": "<!-- -->" * 200_000,
        "instructions": "<?a b?>" * 200_000,
        "entities": "&a;" * 100_000,
        "namespaces": "".join(f'<a xmlns:b{n}="c{n}">' for n in range(4_000)),
        "references": f"<references>{'a,b,c ' * 150_000}</references>",
        "files": f"<info>{'<resource><derefUri>aGVq</derefUri></resource>' * 1_500}</info>",
    }.items():
        yield name, f"{opening}{body}{closing}".encode()
    yield "entities that grow", b'<!DOCTYPE a [<!ENTITY b "c">]><alert>&b;</alert>'
    yield "character references of 20 MB", f"{opening}<identifier>{'&#10;' * 4_000_000}</identifier>{closing}".encode()
    yield (
        "a file of 20 MB",
        f"{opening}<info><resource><derefUri>{'aGVq' * 5_000_000}</derefUri></resource></info>{closing}".encode(),
    )
    yield "UTF-16 of 2 MB", f"{opening}{'a' * MEGABYTE}".encode("utf-16")


def feeds() -> Iterator[Case]:
    """Yield feeds that an XML parser suffers from."""
    dated = "<item><title>{}</title><pubDate>Mon, 04 May 2026 10:00:00 GMT</pubDate></item>"
    for name, body in {
        "an honest one": dated.format("News"),
        "many articles": dated.format("x") * 30_000,
        "nested": "<a>" * 300_000,
        "attributes": f"<a {' '.join(f'a{n}=""' for n in range(50_000))}/>",
        "a title of 3 MB": dated.format("a " * 1_500_000),
        "mark-up in a summary": f"<item><description><![CDATA[{'<div>' * 500_000}]]></description></item>",
        "character references": dated.format("&#10;" * 600_000),
        "comments": "<!-- -->" * 400_000,
        "a date of a megabyte": f"<item><pubDate>{'Mon, ' * 200_000}</pubDate></item>",
    }.items():
        yield name, f'<rss version="2.0"><channel>{body}</channel></rss>'.encode()
    yield "entities that grow", b'<!DOCTYPE a [<!ENTITY b "c">]><rss>&b;</rss>'


def alert(data: bytes) -> None:
    """Read an alert, the addresses in it, and its files."""
    found = cap.read(data)
    list(cap.sources_of(found, found.infos))
    list(cap.files_of(found.infos))
    for info in found.infos:
        cap.mail_address(info.texts.get("contact", ""))


def bodies() -> Iterator[Case]:
    """Yield bodies in JSON, most of which are no message input."""
    good = {"title": "Title", "body": "Words.", "language": "fi"}
    yield "an honest one", json.dumps(good).encode()
    yield "lists in each other", b"[" * 1_000_000
    yield "objects in each other", b'{"a":' * 200_000
    yield "100,000 keys", b"{" + b",".join(b'"%d":0' % n for n in range(100_000)) + b"}"
    yield "as many keys as fit", b"{" + b",".join(b'"%d":0' % n for n in range(1_900_000)) + b"}"
    yield "a number of a megabyte", b'{"title": ' + b"9" * MEGABYTE + b"}"
    yield "escapes", b'{"title": "' + b"\\u0000" * 200_000 + b'"}'
    yield "half a letter", b'{"title": "' + b"\\ud800" * 200_000 + b'"}'
    yield "100,000 sources", json.dumps(good | {"sources": [{}] * 100_000}).encode()
    yield "a file of 25 MB", json.dumps(good | {"attachments": [{"name": "a.txt", "data": "a" * 20_000_000}]}).encode()
    yield (
        "an archive that lies",
        json.dumps(
            good | {"attachments": [{"name": "a.odt", "data": base64.b64encode(lying(1000)).decode()}]}
        ).encode(),
    )
    for name, text in runs(100_000):
        yield f"a title: {name}", json.dumps(good | {"title": text, "contact": text[:250]}).encode()
        yield (
            f"an address: {name}",
            json.dumps(
                good | {"sources": [{"publisher": "a", "title": "b", "url": f"https://{text[:5_000]}"}]}
            ).encode(),
        )


def body(data: bytes) -> None:
    """Read a message input as the API does."""
    request = RequestFactory().post("/api/v1/inputs", data, content_type="application/json")
    api_requests.read_input(request)


def posts() -> Iterator[Case]:
    """Yield what is posted in the name of providers."""
    yield (
        "an honest one",
        b'{"RecordType": "Bounce", "MessageID": "a", "Email": "a@b.example", "Metadata": {"delivery": "1.a"}}',
    )
    yield "lists in each other", b"[" * 900_000
    yield "events", json.dumps([{"event": "bounce", "email": "a@b.example", "timestamp": 1}] * 12_000).encode()
    yield "parts", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 15_000
    yield "fields", b"&".join(b"a%d=b" % n for n in range(100_000))
    for name, text in runs(100_000):
        yield name, json.dumps({"RecordType": "Bounce", "Description": text, "event": text, "Type": text}).encode()


def meta_posts() -> Iterator[Case]:
    """Yield what is posted and answered in the name of Meta."""
    yield from posts()
    became = {"id": "wamid.a", "status": "delivered", "timestamp": "1"}
    said = {"id": "wamid.b", "from": "358401234567", "timestamp": "1", "text": {"body": "a\n" * 50_000}}
    value = {"metadata": {"phone_number_id": ""}, "statuses": [became] * 3_000, "messages": [said] * 3}
    yield "statuses", json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
    yield "changes", json.dumps({"entry": [{"changes": [{"field": "messages", "value": {}}] * 20_000}]}).encode()


def whatsapp_post(data: bytes) -> None:
    """Take what Meta posts, and read it as an answer and a list of templates."""
    found = whatsapp_cloud.object_of(data)
    whatsapp_cloud.error_of(found)
    whatsapp_cloud.name_of(found)
    whatsapp_templates.stated_in(found)
    whatsapp_templates.one_line(data.decode("latin-1"))
    list(whatsapp_receipts.read(found))


def post(data: bytes) -> None:
    """Read what is posted as every provider's report, as if it were believed."""
    from django.utils.module_loading import import_string

    for name, known in webhooks.PROVIDERS.items():
        for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            request = RequestFactory().post("/", data, content_type=kind)
            try:
                view = import_string(known.view)(**({known.key: "a" * 32} if known.key else {}), webhook_secret=[])
                list(webhooks.reports_of(name, view.parse_events(request), at=AT))
            except MemoryError:
                raise
            except Exception:
                continue
    try:
        sns.verify(json.loads(data), at=AT)
    except (sns.Forged, ValueError, RecursionError):  # a deep JSON, as above
        return


def text_message(data: bytes) -> None:
    """Read what a provider of text messages answers, reports or hands over, as if it were believed."""
    text = data.decode("utf-8", "replace")
    fields = sms_transport.json_of(data[:MOST_BYTES]) or {}
    for key in ("MessageSid", "code", "error", "at", "From"):
        sms_receipts.moment(sms_providers.plain(fields.get(key)))
    sms_transport.without_numbers(sms_providers.plain(text))
    sms_receipts.is_stop(sms_providers.plain(text))


def answer_of_a_room(data: bytes) -> None:
    """Read what the service of a chat room answers, as each of them would, and write its words for each."""
    text = data.decode("utf-8", "replace")
    for service in chat_places.Service:
        for status in (200, 404, 429):
            said = chat_providers.read(service, Answer(status, HTTPMessage(), data[:MOST_BYTES]))
            chat_transport.outcome_of(1, status, said)
        chat_providers.call_of(
            service, chat_places.Place("https://a.example", "!r", "t"), text[: chat_transport.LONGEST], "1"
        )


# --- Words ---------------------------------------------------------------------------------------------------


def bulletin(data: bytes) -> None:
    """Make of Markdown everything that we make of it."""
    text = as_text(data)
    html = markup.to_html(text)
    markup.html_to_text(html)
    for heading, _words in markup.sections(text)[:20]:
        markup.inline_text(heading)
    readability.lix(text or "a")
    readability.hardest(text)
    for language in ("fi", "sv", "en"):
        facts = detection.facts_in(text, language, places={"Nokia": (), "Etelä-Pohjanmaa": ("Etelä-Pohjanmaalla",)})
        for kind, value in (("date", "2026-04-01"), ("time", "07:30"), ("number", "12"), ("duration", "5 min")):
            replacement.replaced(text, [fact for fact in facts if fact.kind == kind], value, language)
        lone_weekdays.lone_weekdays(text, facts)
        for fact in facts:
            citations.is_cited(text, fact)
            script_timings.is_timing(text, fact)
            ages.is_age(text, fact)
            limits.is_limit(text, fact)
            agreement.may_disagree(text, fact, "1")


def change(data: bytes) -> None:
    """Show what changed in a text: a letter at its beginning, and one in its middle."""
    text = as_text(data)
    word_diff.marked(f"{text}\n{text}", f"{text[1:]}\nb{text}")
    word_diff.near(text, text[: len(text) // 2] + "b" + text[len(text) // 2 :])
    word_diff.word_changes(text, f"b {text[1:]}")


def compared_parts(language: str, said: str) -> tuple[int, int, str]:
    """Read a text as it is compared with ours."""
    sentence = Sentence(said, language, AT.date())
    return len(sentence.values), len(sentence.beginnings), normal(said)


def words(data: bytes) -> None:
    """Read what anyone types into the public pages, each as much of it as its form takes."""
    text = as_text(data)
    for read, most, refuses in (
        (query_syntax.read, 300, query_syntax.NotAskable),
        (lambda said: matcher.addresses_in(visible_text.clean(said[: matcher.LONGEST * 2])), len(text), ()),
        (lambda said: similarity.pieces(visible_text.clean(said[: matcher.LONGEST])), len(text), ()),
        *((partial(compared_parts, code), matcher.LONGEST, ()) for code in ("fi", "sv", "en")),
        (claim_reports.checked_text, len(text), claim_reports.NotReportable),
        (claim_reports.checked_url, 2_000, claim_reports.NotReportable),
        (canonical_urls.url_key, 2_000, ()),
        (lambda said: handles.normal("instagram", said), 10_000, handles.BadHandle),
        (lambda said: handles.normal("youtube", said), 10_000, handles.BadHandle),
        (lambda said: follower_counts.followers(said, "en"), 10_000, follower_counts.BadCount),
    ):  # fmt: skip
        try:
            read(text[:most])  # type: ignore[operator]
        except refuses:  # type: ignore[misc]
            continue


def page(data: bytes) -> None:
    """Read a page that someone else wrote, as HTML and as what it calls itself."""
    for kind in ("text/html", "text/plain; charset=utf-8", ""):
        try:
            page_text.read(data, kind)
        except page_text.NotText:
            continue


def campaign() -> Campaign:
    """Return a campaign that is in no table."""
    return Campaign(slug="x", default_language="en")


def claims_in(data: bytes) -> None:
    """Read a list of claims, as far as no table of ours is asked."""
    for _number, cells in claims_csv.records(data):
        try:
            claims_csv.checked(campaign(), cells, at=AT)
        except claim_reports.NotReportable:
            continue


def values_in(data: bytes) -> None:
    """Read values of measures, as far as no table of ours is asked."""
    rows = measured_values.rows_of(measured_values.text_of(data))
    places, _ignored = measured_values.columns_of(rows[0][1])
    known = {"calls": Measure(campaign=campaign(), key="calls", unit="calls")}
    for _number, cells in rows[1:]:
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            measured_values.reading_in(row, known, at=AT)
        except (snapshots.NotTaken, measure_forms.NotANumber):
            continue


# Cases that do not hold yet, each with whoever fixes it: the test fails as soon as they hold, too.
WAITING: set[tuple[str, str]] = set()

# --- The table -------------------------------------------------------------------------------------------------

READERS = (
    Reader("log", log, lambda: texts(7_900, 100_000, openings=OPENINGS), seconds=1),
    Reader("files", examine, files),
    Reader("pictures", uploaded_images.picture, pictures, (uploaded_images.Unusable,)),
    Reader("pictures to be checked", look_through, pictures, (uploaded_images.Unusable,), megabytes=192),
    Reader("videos", lambda data: uploaded_images.video(io.BytesIO(data)), videos, (uploaded_images.Unusable,)),
    Reader("mail", letter, mails, (RecursionError,), megabytes=128),  # of the library; `inbox` sets such a mail aside
    Reader("answers of calendars", calendar_answer, lambda: texts(60_000, openings=("", "METHOD:REPLY\r\nATTENDEE;CN=\""))),
    Reader("reports", report, reports, (RecursionError, ValueError)),  # `bounces.take` refuses whatever the library stumbles over
    Reader("influencers", lambda data: table(campaign(), data), lambda: tables("email,name"), (reader.NotReadable,)),
    Reader("claims", claims_in, lambda: tables("claim,platform,date"), (claims_csv.NotReadable,)),
    Reader("values", values_in, lambda: tables("measure,day,value"), (measured_values.NotReadable,)),
    Reader(
        "municipalities",
        lambda data: list(municipality_list.table(municipality_list.text_of(data))),
        lambda: tables("code,name_fi"),
        (municipality_list.NotReadable,),
    ),
    Reader("stories’ videos", lambda data: uploads.refuse_planted(io.BytesIO(data)), videos, (uploads.Refused,)),
    Reader("names of uploads", lambda data: tus_views.filename_in(data.decode("latin-1")), lambda: texts(2_000)),
    Reader("alerts", alert, alerts, (NotAllowed,)),
    Reader("feeds", media_feed.parse, feeds, (collector.NotCollected,)),
    Reader("answers of services", collector.read, bodies, (collector.NotCollected,), megabytes=150),
    Reader("api", body, bodies, (api_requests.Refused,), megabytes=150),
    Reader("webhooks", post, posts),
    Reader("text messages", text_message, posts),
    Reader("answers of chat rooms", answer_of_a_room, posts),
    Reader("updates of Telegram", lambda data: telegram_updates.take(data, at=AT), posts),
    Reader("posts of Meta", whatsapp_post, meta_posts),
    Reader(
        "devices",
        lambda data: subscriptions.read(data.decode("utf-8", "replace")),
        lambda: texts(100_000, openings=("", '{"endpoint": "https://')),
        (subscriptions.BadSubscription,),
    ),
    Reader("catalogs", lambda data: po_files.read(data, "ar"), catalogs, (po_files.Unreadable,), seconds=8, megabytes=250),
    Reader("markdown", bulletin, lambda: texts(10_000), (ValueError,), seconds=5),
    Reader("changes", change, lambda: texts(50_000), megabytes=128),
    Reader("words", words, lambda: texts(100_000), (ValueError,)),
    Reader("pages", page, lambda: chain(texts(100_000), texts(500_000, openings=("<p>",))), (page_text.NotText,), megabytes=200),
    Reader("subtitles", lambda data: subtitles.parse(data), lambda: texts(100_000, openings=("", "00:01.000 --> 00:02.000\n")), (subtitles.Unreadable,)),
)  # fmt: skip
