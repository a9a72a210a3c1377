"""
From a frozen message to the bytes that go over the wire.

MIME is built once per message; what differs per recipient (address, name, Message-ID, unsubscribe link) is
spliced in as bytes. Building MIME per mail costs about a hundred times more.
"""

import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from django.conf import settings
from django.utils.encoding import punycode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from .models import Message

OPENS, CLOSES = "\ue000", "\ue001"
MARKER = re.compile(f"{OPENS}([a-z_]+){CLOSES}")
FIELDS = {"name", "unsubscribe_url"}
SOFT_BREAK = b"=\r\n"
MAIL_POLICY = policy.SMTP.clone(max_line_length=76)
PLAIN_NAME = re.compile(r"[A-Za-z0-9 .'-]{0,40}\Z")


class Unaddressable(Exception):
    """An address that cannot be written to. The text says why, for the ledger."""


def field(name: str) -> str:
    """Return the marker that stands for a personal field (one of FIELDS) in a message's html or text."""
    if name not in FIELDS:
        raise ValueError(f"{name} is no personal field.")
    return f"{OPENS}{name}{CLOSES}"


def mail_domain(address: str) -> str:
    """Return the domain of an address, in ASCII."""
    return punycode(address.rpartition("@")[2])


def message_id(delivery_id: int, domain: str) -> str:
    """Return the Message-ID of a delivery: the same at every attempt, and not to be guessed for another."""
    mark = hmac.new(settings.SUPPRESSION_KEY.encode(), b"message-id:%d" % delivery_id, hashlib.sha256).hexdigest()[:16]
    return f"<{delivery_id}.{mark}@{domain}>"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way: whose it is, the return path, the address, and the bytes (CRLF, not dot-stuffed)."""

    delivery_id: int
    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """What the splicing needs to know of a recipient. `earlier_id` is their delivery of what this corrects."""

    delivery_id: int
    email: str
    name: str
    unsubscribe_url: str
    earlier_id: int | None = None


class Compiled:
    """A message ready to be made personal. `envelope()` costs some tens of microseconds."""

    def __init__(self, message: Message, *, at: datetime) -> None:
        """Compile `message` for sending at about `at`. Raise ValueError for a personal field that nobody knows."""
        campaign = message.mailing.campaign
        texts = {row.code: row for row in campaign.languages.all()}
        text = texts.get(message.language) or texts.get(campaign.default_language)
        self.sender = campaign.sender_email
        self.reply_to = campaign.reply_to
        self.domain = mail_domain(campaign.sender_email)
        headers = EmailMessage(policy=MAIL_POLICY)
        headers["From"] = named_address(text.sender_name if text else "", campaign.sender_email)
        headers["Reply-To"] = campaign.reply_to
        headers["Subject"] = exercise_subject(message) if campaign.is_exercise else message.subject
        headers["Date"] = format_datetime(at.astimezone(UTC))
        headers["Content-Language"] = message.language
        headers["List-Id"] = f"<{campaign.slug}.{self.domain}>"
        headers["List-Help"] = f"<{settings.PUBLIC_URL}/{message.language}/>"
        headers["List-Archive"] = f"<{settings.PUBLIC_URL}/{message.language}/bulletins/>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        headers["Feedback-ID"] = f"{message.mailing_id}:{campaign.slug}:{message.mailing.queue}:{self.domain}"
        headers["X-Auto-Response-Suppress"] = "OOF, AutoReply"
        if message.mailing.queue == message.mailing.Queue.DIGEST:
            headers["Auto-Submitted"] = "auto-generated"
        else:
            headers["Precedence"] = "bulk"
        for name, value in message.headers.items():
            headers[name] = value
        boundary = f"part-{message.sha256[:32]}"
        fixed = headers.as_bytes().rstrip(b"\r\n") + b"\r\n"
        self.headers = (
            fixed + f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n'.encode()
        )
        parts: list[bytes | str] = []
        for subtype, content in (("plain", message.text), ("html", message.html)):
            if content:
                parts.append(
                    f"\r\n--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
                )
                parts += quoted_segments(content, in_html=subtype == "html")
        parts.append(f"\r\n--{boundary}--\r\n".encode())
        self.parts = join_constant(parts)

    def envelope(self, person: Person) -> Envelope:
        """Return the message for one person. Raise Unaddressable when the address cannot be written to."""
        address, local = ascii_address(person.email)
        name = "".join(character for character in person.name if character.isprintable())
        personal = [
            b"To: " + to_header(name, local, address.rpartition("@")[2]),
            b"Message-ID: " + message_id(person.delivery_id, self.domain).encode(),
            b"List-Unsubscribe: <"
            + person.unsubscribe_url.encode()
            + b">, <mailto:"
            + self.reply_to.encode()
            + b"?subject=unsubscribe>",
        ]
        if person.earlier_id:
            earlier = message_id(person.earlier_id, self.domain).encode()
            personal += [b"In-Reply-To: " + earlier, b"References: " + earlier]
        values = {"name": name, "unsubscribe_url": person.unsubscribe_url}
        return Envelope(
            delivery_id=person.delivery_id,
            sender=self.sender,
            recipient=address,
            data=b"".join((self.headers, b"\r\n".join(personal), b"\r\n", self._body(values))),
        )

    def _body(self, values: Mapping[str, str]) -> bytes:
        pieces = [part if isinstance(part, bytes) else quoted_field(part, values) for part in self.parts]
        return b"".join(pieces)


def exercise_subject(message: Message) -> str:
    """Return the subject with the mark that no exercise mail goes without, in the message's language."""
    with override(message.language):
        return f"[{_('Exercise')}] {message.subject}"


def named_address(name: str, address: str) -> Address:
    """Return a header address; raise ValueError when it has no domain or a line break."""
    local, at, domain = address.rpartition("@")
    if not at or "\n" in address or "\r" in address:
        raise ValueError("An e-mail address needs a name, an @ and a domain, on one line.")
    return Address(name, local.strip('"'), punycode(domain))


def ascii_address(address: str) -> tuple[str, str]:
    """
    Return the address for the envelope, its domain in ASCII, and its local part.

    Raise Unaddressable for a local part outside ASCII (our relay would need SMTPUTF8) or with a line break.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local.isascii() or any(character in address for character in "\r\n<>"):
        raise Unaddressable(gettext_noop("This address cannot be written to: only ASCII may stand before the @."))
    return f"{local}@{punycode(domain)}", local


def to_header(name: str, local: str, domain: str) -> bytes:
    """Return the value of a To header, encoded and folded whatever the name holds."""
    if not name:
        return f"{local}@{domain}".encode()
    if PLAIN_NAME.match(name):
        return f'"{name}" <{local}@{domain}>'.encode()
    folded = MAIL_POLICY.fold("To", MAIL_POLICY.header_factory("To", [Address(name, local.strip('"'), domain)]))
    return folded.partition(":")[2].strip().encode()


def quoted_segments(content: str, *, in_html: bool) -> list[bytes | str]:
    """
    Return `content` as quoted-printable bytes with the personal fields left open as "html:name" or "text:name".

    A soft line break stands on either side of a field, so that each piece is encoded on lines of its own.
    """
    pieces: list[bytes | str] = []
    for n, piece in enumerate(MARKER.split(content)):
        if n % 2:
            if piece not in FIELDS:
                raise ValueError(f"{piece} is no personal field.")
            pieces += [SOFT_BREAK, f"{'html' if in_html else 'text'}:{piece}", SOFT_BREAK]
        else:
            pieces.append(quoted(piece))
    return pieces


def quoted(text: str) -> bytes:
    """Return `text` as quoted-printable in UTF-8, CRLF line ends, no line over 76 octets."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


def quoted_field(part: str, values: Mapping[str, str]) -> bytes:
    """Return one personal field as quoted-printable; in HTML it is escaped first."""
    kind, _colon, name = part.partition(":")
    value = values[name]
    return quoted(escape(value) if kind == "html" else value)


def join_constant(parts: list[bytes | str]) -> list[bytes | str]:
    """Join neighbouring bytes, so that splicing touches as few pieces as there are fields."""
    joined: list[bytes | str] = []
    for part in parts:
        if isinstance(part, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += part
        else:
            joined.append(part)
    return joined
