"""
From a frozen message to the bytes that go over the wire.

MIME is built once per message; what differs per recipient (address, name, links, Message-ID, return path) is
spliced in as bytes. Building MIME per mail costs about a hundred times more.
"""

import binascii
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape

import idna
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from campaigns.models import Campaign

from .leaving import leave_address
from .models import Message
from .signing import marks, site_language

OPENS, CLOSES = "\ue000", "\ue001"
MARKER = re.compile(f"{OPENS}([a-z_]+){CLOSES}")
FIELDS = {"name", "unsubscribe_url", "read_url", "preferences_url"}
# What the marks of deliveries are for. A Message-ID travels with every reply and forward, so it only says which mail is
# meant; the return path, which readers never see, proves a report. One never passes for the other.
NAMED, RETURNED = "delivery", "delivery.return-path"
LARGEST = 100_000  # octets; some mailbox providers cut what is longer
LONGEST_LINE = 900  # octets in one line of the header; mail allows 998
LONGEST_NAME = 300  # characters, as Recipient.name
LONGEST_LINK = 400  # characters
HEADERS = 4_000  # octets that all headers have together, at most
SOFT_BREAK = b"=\r\n"
EQUALS = ord("=")
QUOTED_LINE = 75  # characters before a soft break
WORD = 39  # octets in an encoded word, so that its line stays below 76
HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
PERSONAL = {"to", "cc", "bcc", "message-id", "list-unsubscribe", "in-reply-to", "references", "mime-version"}
PLAIN_NAME = re.compile(r"[A-Za-z0-9 .'-]{1,60}\Z")
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\Z")
LOCAL_PART = re.compile(r"""[^\x00-\x20\x7f-\xa0\s"(),:;<>@\[\\\]]+|"(?:[^\x00-\x1f\x7f-\x9f"\\]|\\[\x20-\x7e])*\"""")
DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[A-Za-z0-9:.]+\]")


class Unaddressable(Exception):
    """An address that cannot be written to. The text says why, for the ledger."""


class TooLarge(ValueError):
    """A mail of more octets than LARGEST. Its words are in the language of whoever reads them."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size

    def __str__(self) -> str:
        return _("This mail has %(size)d kB, and mail may have %(most)d. Shorten its text.") % {
            "size": -(-self.size // 1000),
            "most": LARGEST // 1000,
        }


def field(name: str) -> str:
    """Return the marker that stands for a personal field (one of FIELDS) in a message's html or text."""
    if name not in FIELDS:
        raise ValueError(f"{name} is no personal field.")
    return f"{OPENS}{name}{CLOSES}"


@dataclass(frozen=True, slots=True)
class Person:
    """What the splicing needs to know of a recipient. `earlier_id` is their delivery of what this corrects."""

    delivery_id: int
    recipient_id: int
    email: str
    name: str
    unsubscribe_url: str
    read_url: str = ""
    earlier_id: int | None = None
    preferences_url: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    One message on its way: whose it is, the return path, the address, and the bytes (CRLF).

    No line begins with a dot, so SMTP needs no dot-stuffing. `smtputf8` says that the address, and with it the
    header, holds letters outside ASCII, which only a server with SMTPUTF8 takes. A transport that hands over
    parts instead of bytes finds them through `compiled` and `person`.
    """

    delivery_id: int
    sender: str
    recipient: str
    data: bytes
    compiled: "Compiled | None" = None
    person: Person | None = None
    smtputf8: bool = False


class Compiled:
    """A message ready to be made personal. `envelope()` costs some ten microseconds."""

    def __init__(self, message: Message, *, at: datetime) -> None:
        """
        Compile `message` for sending at about `at`.

        Raise TooLarge, and ValueError for a personal field that nobody knows or a header with a line break.
        """
        campaign = message.mailing.campaign
        self.message = message
        self.domain = mail_domain(campaign.sender_email)
        self._bounces = bounce_address(campaign.sender_email)
        self._return_path = self._bounces.rpartition("@")
        self._mark = marks(NAMED).of
        self._return_mark = marks(RETURNED).of
        self._fixed = bulk_headers(message, self.domain, at=at)
        refuse_too_large(html=message.html, text=message.text)
        sender = f"From: {mailbox(printable(message.sender_name), own_address(campaign.sender_email))}\r\n"
        rest = [header_line(name, value) for name, value in self._fixed.items() if name != "From"]
        self._pieces: list[bytes] = []
        self._open: list[tuple[int, str]] = []  # which pieces stand for which field, as "html:name" or "text:name"
        for part in joined(["".join([sender, *rest]).encode(), *body(message)]):
            if isinstance(part, str):
                self._open.append((len(self._pieces), part))
                part = b""
            self._pieces.append(part)

    def envelope(self, person: Person) -> Envelope:
        """Return the message for one person. Raise Unaddressable when the address cannot be written to."""
        recipient, smtputf8 = wire_address(person.email)
        values = self.values(person)
        personal = [f"To: {mailbox(values['name'], recipient)}\r\n"]
        personal += [f"{name}: {value}\r\n" for name, value in self.personal_headers(person).items()]
        encoded = encoded_values(values)
        pieces = self._pieces.copy()
        for position, slot in self._open:
            pieces[position] = encoded[slot]
        return Envelope(
            delivery_id=person.delivery_id,
            sender=self.return_path(person),
            recipient=recipient,
            data="".join(personal).encode() + b"".join(pieces),
            smtputf8=smtputf8,
        )

    def fixed_headers(self) -> dict[str, str]:
        """Return the headers that are the same for everyone, unfolded and in plain text, without those of MIME."""
        return dict(self._fixed)

    def personal_headers(self, person: Person) -> dict[str, str]:
        """Return the headers that differ by recipient, unfolded, without To."""
        mailing = self.message.mailing_id
        by_mail = leave_address(person.recipient_id, mailing, email=person.email, bounces=self._bounces)
        headers = {
            "Message-ID": f"<{self._mark(person.delivery_id)}@{self.domain}>",
            "List-Unsubscribe": f"<{person.unsubscribe_url}>, <mailto:{by_mail}?subject=unsubscribe>",
        }
        if person.earlier_id:
            headers["In-Reply-To"] = headers["References"] = f"<{self._mark(person.earlier_id)}@{self.domain}>"
        return headers

    def values(self, person: Person) -> dict[str, str]:
        """Return what stands in the personal fields for this person, in plain text, not escaped."""
        return {
            "name": printable(person.name),
            "unsubscribe_url": person.unsubscribe_url,
            "read_url": person.read_url,
            "preferences_url": person.preferences_url,
        }

    def return_path(self, person: Person) -> str:
        """Return the envelope's sender: where a bounce comes back to, and whose it is."""
        local, at, domain = self._return_path
        return f"{local}+{self._return_mark(person.delivery_id)}{at}{domain}"


def uses(message: Message, name: str) -> bool:
    """Tell whether a personal field stands in a message."""
    return field(name) in message.html or field(name) in message.text


def refuse_too_large(*, html: str, text: str, beside: int = 0) -> None:
    """
    Raise TooLarge when the mail could be longer than LARGEST for somebody, be their name ever so long.

    `beside` are the octets of what else will be in it.
    """
    size = HEADERS + beside
    for content in (html, text):
        for words, name in segments(content):
            size += len(quoted(words))
            if name:  # thirteen octets for a sign outside the plane of the common ones
                size += LONGEST_NAME * 13 if name == "name" else LONGEST_LINK
    if size > LARGEST:
        raise TooLarge(size)


# --- Marks ---------------------------------------------------------------------------------------


def delivery_mark(delivery_id: int) -> str:
    """
    Return the key of a delivery with its mark, "123.ab12cd34ef56ab78": the same at every attempt. It stands in the
    Message-ID and in what providers are told, so it proves nothing by itself.
    """
    return marks(NAMED).of(delivery_id)


def delivery_of_mark(text: str) -> int | None:
    """Return the key of the delivery that a mark names, or None when the mark is not ours."""
    return _key(NAMED, text)


def message_id(delivery_id: int, domain: str) -> str:
    """Return the Message-ID of a delivery: the same at every attempt, and not to be guessed for another."""
    return f"<{delivery_mark(delivery_id)}@{domain}>"


def delivery_of_message_id(text: str) -> int | None:
    """Return the key of the delivery that a Message-ID names, with its brackets or without, or None."""
    return delivery_of_mark(text.strip().strip("<>").rpartition("@")[0])


def return_path(delivery_id: int, bounces: str) -> str:
    """Return where the bounces of a delivery come to. `bounces` is the address that all of them come to (bounce_address)."""
    local, _at, domain = bounces.rpartition("@")
    return f"{local}+{marks(RETURNED).of(delivery_id)}@{domain}"


def delivery_of_return_path(address: str) -> int | None:
    """Return the key of the delivery whose bounces come to this address, or None. A Message-ID is no such address."""
    return _key(RETURNED, address.strip().strip("<>").rpartition("@")[0].rpartition("+")[2])


def _key(purpose: str, text: str) -> int | None:
    numbers = marks(purpose).numbers(text)
    return numbers[0] if numbers else None


# --- Addresses -----------------------------------------------------------------------------------


def bounce_address(sender: str) -> str:
    """Return where the bounces of mail from `sender` come back to: BOUNCE_ADDRESS, or bounces@ its domain."""
    return settings.BOUNCE_ADDRESS or f"bounces@{mail_domain(sender)}"


def mail_domain(address: str) -> str:
    """Return the domain of one of our own addresses, in ASCII. Raise ValueError for what is no address."""
    return own_address(address).rpartition("@")[2]


def own_address(address: str) -> str:
    """Return one of our own addresses in ASCII; raise ValueError when it cannot be written so."""
    try:
        wire, smtputf8 = wire_address(address)
    except Unaddressable as fault:
        raise ValueError(str(fault)) from fault
    if smtputf8:
        raise ValueError("An address that we send from needs ASCII before the @.")
    return wire


@lru_cache(maxsize=10_000)
def ascii_domain(domain: str) -> str:
    """
    Return a domain in ASCII (IDNA 2008). Raise Unaddressable when there is none such.

    Python's own codec would write straße.de to strasse.de, which is somebody else's.
    """
    try:
        name = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as fault:
        raise Unaddressable(gettext_noop("This address cannot be written to: its domain is not a name.")) from fault
    if not DOMAIN.fullmatch(name):
        raise Unaddressable(gettext_noop("This address cannot be written to: its domain is not a name."))
    return name


def wire_address(address: str) -> tuple[str, bool]:
    """
    Return the address for the envelope, its domain in ASCII, and whether it needs SMTPUTF8.

    Raise Unaddressable for what is no address on one line.
    """
    if PLAIN_ADDRESS.match(address):
        return address, False
    local, _at, domain = address.rpartition("@")
    if not LOCAL_PART.fullmatch(local):
        raise Unaddressable(gettext_noop("This address cannot be written to: what stands before the @ is not a name."))
    return f"{local}@{ascii_domain(domain)}", not local.isascii()


def mailbox(name: str, address: str) -> str:
    """Return name and address as a header has them, whatever the name holds: plain, or as folded encoded words."""
    if not name:
        return address
    if PLAIN_NAME.match(name):
        return f'"{name}" <{address}>'
    return "\r\n ".join((*encoded_words(name), f"<{address}>"))


def header_line(name: str, value: str) -> str:
    """Return a header with its line end, as it is or as encoded words."""
    if value.isascii() and value.isprintable() and "=?" not in value and len(value) < LONGEST_LINE:
        return f"{name}: {value}\r\n"
    return f"{name}: {'\r\n '.join(encoded_words(value))}\r\n"


def encoded_words(text: str) -> Iterator[str]:
    """Yield `text` as encoded words (RFC 2047), no character cut in two."""
    chunk = b""
    for sign in text:
        octets = sign.encode()
        if len(chunk) + len(octets) > WORD:
            yield f"=?utf-8?b?{b64encode(chunk).decode()}?="
            chunk = b""
        chunk += octets
    yield f"=?utf-8?b?{b64encode(chunk).decode()}?="


def printable(name: str) -> str:
    """Return a name without line breaks, controls, direction marks and private signs."""
    if not name.isprintable():
        name = "".join(sign for sign in name if sign.isprintable())
    return name.strip()


# --- The message ---------------------------------------------------------------------------------


def bulk_headers(message: Message, domain: str, *, at: datetime) -> dict[str, str]:
    """
    Return the headers that everybody's mail carries alike, in plain text.

    Raise ValueError for a header of the message's own that is none, or that is not for it to set.
    """
    mailing = message.mailing
    campaign = mailing.campaign
    home = f"{settings.PUBLIC_URL}/{site_language(message.language)}/"
    name = printable(message.sender_name).replace("\\", "\\\\").replace('"', '\\"')
    sender, subject = own_address(campaign.sender_email), one_line(message.subject)
    headers = {
        "From": f'"{name}" <{sender}>' if name else sender,
        "Reply-To": own_address(campaign.reply_to),
        "Subject": exercise_subject(subject, message.language) if campaign.is_exercise else subject,
        "Date": format_datetime(at.astimezone(UTC)),
        "Content-Language": message.language,
        "List-Id": f"<{campaign.slug}.{domain}>",
        "List-Help": f"<{home}>",
        "List-Archive": f"<{home}bulletins/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{message.mailing_id}:{campaign.slug}:{mailing.queue}:{domain}",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if mailing.is_digest:
        headers["Auto-Submitted"] = "auto-generated"
    else:
        headers["Precedence"] = "bulk"
    taken = PERSONAL | {name.lower() for name in headers}
    for name, value in message.headers.items():
        if not HEADER_NAME.fullmatch(name) or name.lower() in taken or name.lower().startswith("content-"):
            raise ValueError(f"{name} is no header that a message may bring along.")
        headers[name] = one_line(value)
    return headers


def sender_name(campaign: Campaign, language: str) -> str:
    """Return the name that a campaign's mail comes from, in a language, else in the campaign's main one."""
    texts = {row.code: row for row in campaign.languages.all()}
    text = texts.get(language) or texts.get(campaign.default_language)
    return printable(text.sender_name) if text else ""


def undecodable(text: str) -> str:
    """
    Return a text in which nothing looks like an encoded word (RFC 2047): Django decodes one that somebody wrote into a
    name or a subject, line ends and all.
    """
    return text.replace("=?", "= ?")


def one_line(text: str) -> str:
    """Return `text` in one line."""
    return " ".join(text.split())


def exercise_subject(subject: str, language: str) -> str:
    """Return the subject with the mark that no exercise mail goes without, in the message's language."""
    with override(language):
        return f"[{_('Exercise')}] {subject}"


def body(message: Message) -> Iterator[bytes | str]:
    """
    Yield the rest of the header and the parts, the text first, with each personal field as "html:name" or "text:name".

    A message without HTML is plain text.
    """
    yield b"MIME-Version: 1.0\r\n"
    if not message.html:
        yield part_header("plain")
        yield from quoted_segments(message.text, in_html=False)
        yield b"\r\n"
        return
    boundary = f"part-{message.sha256[:32]}"
    yield f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'.encode()
    for subtype, content in (("plain", message.text), ("html", message.html)):
        yield f"\r\n--{boundary}\r\n".encode()
        yield part_header(subtype)
        yield from quoted_segments(content, in_html=subtype == "html")
    yield f"\r\n--{boundary}--\r\n".encode()


def part_header(subtype: str) -> bytes:
    """Return the header of a part, with the blank line after it."""
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


def segments(content: str) -> Iterator[tuple[str, str]]:
    """Yield `content` as pairs of words and the personal field after them, "" at the end."""
    pieces = MARKER.split(content)
    for words, name in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if name and name not in FIELDS:
            raise ValueError(f"{name} is no personal field.")
        yield words, name


def filled(content: str, values: Mapping[str, str], *, in_html: bool) -> str:
    """Return a message's HTML or text with the personal fields filled in; in HTML they are escaped."""
    values = {name: escape(value) if in_html else value for name, value in values.items()} | {"": ""}
    return "".join(words + values[name] for words, name in segments(content))


def quoted_segments(content: str, *, in_html: bool) -> Iterator[bytes | str]:
    """
    Yield `content` as quoted-printable bytes with the personal fields left open as "html:name" or "text:name".

    A soft line break stands on either side of a field, so that each piece is encoded on lines of its own.
    """
    kind = "html" if in_html else "text"
    for words, name in segments(content):
        yield quoted(words)
        if name:
            yield from (SOFT_BREAK, f"{kind}:{name}", SOFT_BREAK)


def quoted(text: str) -> bytes:
    """
    Return `text` as quoted-printable in UTF-8, CRLF line ends, no line over 76 octets.

    No line begins with a dot, which SMTP would double, or with "From ", which some servers put a ">" before.
    """
    octets = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    *lines, last = binascii.b2a_qp(octets, istext=True).split(b"\n")
    short = [piece for line in lines for piece in shortened(line, QUOTED_LINE + 1)]
    short += shortened(last, QUOTED_LINE)  # a soft break may follow it
    return b"\r\n".join(map(guarded, short))


def shortened(line: bytes, most: int) -> Iterator[bytes]:
    """Yield a line of quoted-printable in pieces; b2a_qp writes up to 78 octets where a line ends in a space."""
    while len(line) > most:
        cut = QUOTED_LINE
        cut -= 1 if line[cut - 1] == EQUALS else 2 if line[cut - 2] == EQUALS else 0
        yield line[:cut] + b"="
        line = line[cut:]
    yield line


def guarded(line: bytes) -> bytes:
    """Return a line of quoted-printable with its first octet encoded when it is a dot or begins a "From "."""
    before = b""
    while line.startswith((b".", b"From ")):
        first = b"=%02X" % line[0]
        if len(line) + 2 <= QUOTED_LINE:
            return before + first + line[1:]
        before += first + SOFT_BREAK
        line = line[1:]
    return before + line


def encoded_values(values: Mapping[str, str]) -> dict[str, bytes]:
    """Return each personal field in quoted-printable, as text and, escaped, as HTML."""
    encoded = {}
    for name, value in values.items():
        text = encoded[f"text:{name}"] = quoted_value(value)
        escaped = escape(value)
        encoded[f"html:{name}"] = text if escaped == value else quoted_value(escaped)
    return encoded


def quoted_value(value: str) -> bytes:
    """Return a short value as quoted-printable; what needs no encoding passes fast."""
    if value.isascii() and value.isprintable() and "=" not in value:
        if " " not in value:  # a link, and most are longer than a line
            lines = [value[n : n + QUOTED_LINE] for n in range(0, len(value), QUOTED_LINE)]
            if not any(line[0] == "." for line in lines):
                return "=\r\n".join(lines).encode()
        elif len(value) <= QUOTED_LINE and value[-1] != " " and value[0] != "." and not value.startswith("From "):
            return value.encode()
    return quoted(value)


def joined(parts: list[bytes | str]) -> Iterator[bytes | str]:
    """Yield the parts with neighbouring bytes as one, so that splicing touches as few pieces as it can."""
    constant = b""
    for part in parts:
        if isinstance(part, bytes):
            constant += part
            continue
        yield constant
        yield part
        constant = b""
    yield constant
