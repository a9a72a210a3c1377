"""
A message as MIME, built once for everyone; what differs per recipient (address, name, links, Message-ID, return path)
is spliced in as bytes. Building MIME per mail costs about a hundred times more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from delivery.links.unsubscribe import unsubscribe_address
from delivery.models import Message

from . import verp
from .addresses import bounce_address, mail_domain, own_address, wire_address
from .headers import bulk_headers, header_line, mailbox, printable
from .personal_fields import segments
from .quoted_printable import SOFT_BREAK, encoded_values, quoted

LARGEST = 100_000  # octets; some mailbox providers cut what is longer
LONGEST_NAME = 300  # characters, as Recipient.name
LONGEST_LINK = 400  # characters
HEADERS = 4_000  # octets that all headers have together, at most


class TooLarge(ValueError):
    """A mail of more octets than LARGEST. Its words are in the language of whoever reads them."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size

    def __str__(self) -> str:
        return _("This email is %(size)d kB, and the limit is %(most)d. Shorten its text.") % {
            "size": -(-self.size // 1000),
            "most": LARGEST // 1000,
        }


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
    portal_mark: str = ""
    seen_url: str = ""


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
        by_mail = unsubscribe_address(person.recipient_id, mailing, email=person.email, bounces=self._bounces)
        headers = {
            "Message-ID": verp.message_id(person.delivery_id, self.domain),
            "List-Unsubscribe": f"<{person.unsubscribe_url}>, <mailto:{by_mail}?subject=unsubscribe>",
        }
        if person.earlier_id:
            headers["In-Reply-To"] = headers["References"] = verp.message_id(person.earlier_id, self.domain)
        return headers

    def values(self, person: Person) -> dict[str, str]:
        """Return what stands in the personal fields for this person, in plain text, not escaped."""
        return personal_values(person)

    def return_path(self, person: Person) -> str:
        """Return the envelope's sender: where a bounce comes back to, and whose it is."""
        return verp.return_path(person.delivery_id, self._bounces)


def personal_values(person: Person) -> dict[str, str]:
    """Return what stands in the personal fields for a person, in plain text, not escaped."""
    return {
        "name": printable(person.name),
        "unsubscribe_url": person.unsubscribe_url,
        "read_url": person.read_url,
        "preferences_url": person.preferences_url,
        "portal_mark": person.portal_mark,
        "seen_url": person.seen_url,
    }


def refuse_too_large(*, html: str, text: str, beside: int = 0) -> None:
    """
    Raise TooLarge when the mail could be longer than LARGEST for someone, be their name ever so long.

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
