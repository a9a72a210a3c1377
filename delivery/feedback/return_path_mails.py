"""
Mail that comes to our return path: delivery reports (RFC 3464), complaints (RFC 5965), people who leave by mail.

The mailbox is open to everyone, so nothing is believed that does not carry the mark of a return path of ours: in the
address that the mail came to, or in what it says of the envelope of the mail that we sent. Few see it, but whoever gets
a bulletin as a file (.eml) does, so what a mail says takes nobody off by itself: a bounce waits for a second one
(delivery.feedback.bounce_suppression), a complaint or an opt-out for a person. A Message-ID proves nothing: it travels with every
reply and forward.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import Message as Mail
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from delivery.links import unsubscribe
from delivery.message import verp
from delivery.message.headers import DELIVERED_TO
from delivery.models import ProviderEvent, address_hash
from delivery.recipients import suppression
from delivery.seeds import seed_arrivals

from . import inbound_headers, receipts
from .receipts import Report

log = logging.getLogger(__name__)

LARGEST = 1_000_000  # octets
MOST_GROUPS = 10_000  # of lines with a blank one between them
ADDRESSES = 50  # looked at in one mail
CAME_TO = (*DELIVERED_TO, "To")
OTHERS = re.compile(r"[^@+]{1,64}(\+[a-z]{1,20}-[0-9]{1,19}\.[0-9a-f]{16})@[^@]{1,255}", re.IGNORECASE)
BLANK_LINE = re.compile(r"\r?\n\r?\n")

Kind = ProviderEvent.Kind
ACTIONS = {"failed": Kind.BOUNCED, "delayed": Kind.DEFERRED, "delivered": Kind.DELIVERED}
FEEDBACK = {"abuse": Kind.COMPLAINED, "opt-out": Kind.UNSUBSCRIBED, "opt-out-list": Kind.UNSUBSCRIBED}
REPORT = "multipart/report"
SINGLE = ("message/delivery-status", "message/global-delivery-status")
QUOTED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")


class Unreadable(Exception):
    """What came is no mail, or too long to be one of those that come here. The text says which."""


class Taken(StrEnum):
    """
    What a mail was: a report that was kept, one that proves nothing, someone who left, one that a
    seed address forwards, or nothing that is for us.
    """

    REPORT = "report"
    UNPROVEN = "unproven"
    LEFT = "left"
    ARRIVED = "arrived"
    NOTHING = "nothing"


def take(raw: bytes, *, at: datetime, to: Sequence[str] = ()) -> Taken:
    """
    Do what a mail asks for, and tell what it was. Taking it again changes nothing more.

    `to` are the addresses in its envelope, where they are known. Answers of people's machines and other mail that
    is no report are forgotten. Raise Unreadable.
    """
    if is_too_long(raw):
        raise Unreadable("This mail is too long to be a report.")
    try:
        mail = message_from_bytes(raw)
        inbound_headers.shorten(mail)
        addresses = [*to, *addressed(mail, CAME_TO)][:ADDRESSES]
        told = reported_in(mail)
        report = report_in(mail, told, addresses, at=at) if told else None
    except Exception as fault:  # whatever the library stumbles over
        log.warning("A mail could not be read: %s", type(fault).__name__)
        raise Unreadable("This mail cannot be read.") from fault
    if not mail.keys():
        raise Unreadable("This is no mail: it has no header.")
    if any(unsubscribe.unsubscribe_by_address(address, at=at) for address in addresses):
        return Taken.LEFT
    if seed_arrivals.take(mail, addresses, at=at):
        return Taken.ARRIVED
    if told is None:
        return Taken.NOTHING
    if report is None:
        log.info("A report came without the mark of a return path of ours.")
        return Taken.UNPROVEN
    receipts.take([report], at=at)
    return Taken.REPORT


def is_too_long(raw: bytes) -> bool:
    """
    Return whether a mail is longer than a report, or has more groups of fields: the library makes a mail of each of
    them.
    """
    return len(raw) > LARGEST or raw.replace(b"\r", b"").count(b"\n\n") > MOST_GROUPS


def addressed(mail: Mail, names: Iterable[str]) -> list[str]:
    """Return the addresses in these headers."""
    values = [str(value) for name in names for value in mail.get_all(name, [])]
    return [address for _name, address in getaddresses(values)]


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report says: its kind, the status code, the fields that it stands in, and the header of the mail it quotes."""

    kind: ProviderEvent.Kind
    code: str
    fields: Mail
    quoted: Mail


def reported_in(mail: Mail) -> Reported | None:
    """
    Return what a mail reports, None when it is no report: at most one thing, since each of our mails has one recipient.

    Only a mail that is a report as a whole is one (RFC 6522). A person may send on a report that they got, with words of theirs.
    """
    if mail.get_content_type() != REPORT:
        return None
    parts = list(own_parts(mail))
    found = reported_by_status(parts) or reported_by_feedback(parts)
    if found is None:
        return None
    quoted = next((headers for part in parts if (headers := quoted_headers(part)) is not None), Mail())
    return Reported(*found, quoted)


def report_in(mail: Mail, told: Reported, addresses: Sequence[str], *, at: datetime) -> Report | None:
    """Return what is kept of a report, None when it carries no mark of a return path of ours."""
    kind, code, fields = told.kind, told.code, told.fields
    paths = [*addresses, *addressed(fields, ["Original-Mail-From"]), *addressed(told.quoted, ["Return-Path"])]
    paths = paths[:ADDRESSES]
    delivery_id = next(filter(None, map(verp.delivery_of_return_path, paths)), None)
    # What other apps send has return paths of their own (influencers/inbox/mail/reply_addresses.py), and they know them.
    other = "" if delivery_id else next((match[1].lower() for path in paths if (match := OTHERS.fullmatch(path))), "")
    if delivery_id is None and not other:
        return None
    about = delivery_id or other
    itself = text_of(mail, "Message-ID") or hashlib.sha256(mail.as_bytes()).hexdigest()
    return Report(
        provider=ProviderEvent.BY_MAIL,
        event_id=hashlib.sha256(f"{kind}\n{about}\n{code}\n{itself}".encode()).hexdigest(),
        kind=kind,
        happened_at=happened(fields, mail, at=at),
        message_id=other,
        delivery_id=delivery_id,
        code=code,
        denied=address_hash(failed_address(fields))
        if kind == Kind.BOUNCED and suppression.is_missing_address(code)
        else "",
    )


def failed_address(fields: Mail) -> str:
    """Return the address that a group of fields is about."""
    return text_of(fields, "Final-Recipient").partition(";")[2].strip().strip("<>")


def own_parts(mail: Mail) -> Iterator[Mail]:
    """Yield the parts of a mail, not those of mails that it quotes."""
    waiting = [mail]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting += inbound_headers.within(part)
        else:
            yield part


def reported_by_status(parts: Iterable[Mail]) -> tuple[ProviderEvent.Kind, str, Mail] | None:
    """
    Return what a delivery report says: the kind, the status code and the fields it stands in.

    The worst counts when an address was a list of several; then the code says nothing about the address itself.
    """
    blocks = [block for part in parts if part.get_content_type() in SINGLE for block in status_blocks(part)]
    told = [(ACTIONS[action], block) for block in blocks if (action := action_of(block)) in ACTIONS]
    for kind in (Kind.BOUNCED, Kind.DEFERRED, Kind.DELIVERED):
        of_kind = [block for found, block in told if found == kind]
        if of_kind:
            return kind, code_in(of_kind[0]) if len(told) == 1 else "", of_kind[0]
    return None


def status_blocks(part: Mail) -> list[Mail]:
    """Return the groups of fields in a delivery report: one about the mail, and one for each recipient."""
    blocks = inbound_headers.within(part)
    if part.get_content_type() != SINGLE[0]:  # the library takes the others for a header and a text
        blocks += [message_from_string(text) for block in blocks for text in BLANK_LINE.split(text_behind(block))]
    return blocks


def text_behind(block: Mail) -> str:
    """Return the text behind a group of fields, read as UTF-8 whatever it says that it is."""
    raw = block.get_payload(decode=True)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""


def action_of(block: Mail) -> str:
    """Return the action in a group of fields, without what stands in brackets behind it."""
    return str(block.get("Action", "")).partition("(")[0].strip().lower()


def code_in(block: Mail) -> str:
    """Return the status code: of the server's own words where they have one, "550 5.1.1", else of the Status field."""
    words = receipts.status_in(text_of(block, "Diagnostic-Code").partition(";")[2])
    status = receipts.status_in(text_of(block, "Status"))
    if "." in words or not status:
        return words
    return f"{words} {status}".strip()


def reported_by_feedback(parts: Iterable[Mail]) -> tuple[ProviderEvent.Kind, str, Mail] | None:
    """Return what a complaint says; None for other feedback ("not-spam", "virus" …)."""
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            for fields in inbound_headers.within(part):
                if kind := FEEDBACK.get(text_of(fields, "Feedback-Type").lower()):
                    return kind, "", fields
    return None


def quoted_headers(part: Mail) -> Mail | None:
    """Return the header of the mail that a report quotes, when this part is it."""
    if part.get_content_type() not in QUOTED:
        return None
    if part.is_multipart():
        return next(iter(inbound_headers.within(part)), None)
    text = part.get_payload(decode=True)
    return message_from_bytes(text) if isinstance(text, bytes) else None


def text_of(mail: Mail, name: str) -> str:
    """Return a header as one line that any database takes, 180 characters at most; "" when there is none."""
    line = " ".join(str(mail.get(name, "")).split())
    return "".join(sign for sign in line[:1000] if sign.isprintable())[:180]


def happened(fields: Mail, mail: Mail, *, at: datetime) -> datetime:
    """Return when it happened: at the last attempt, when the report arrived or was written; else `at`."""
    for value in (fields.get("Last-Attempt-Date"), fields.get("Arrival-Date"), mail.get("Date")):
        try:
            moment = parsedate_to_datetime(str(value))
        except (ValueError, TypeError, OverflowError):
            continue
        if 2000 <= moment.year <= at.year + 1:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return at
