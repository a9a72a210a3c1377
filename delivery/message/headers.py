"""The headers of a mail: the names and subjects in them, and those that every mail of a send carries alike."""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, make_msgid, parseaddr

from django.conf import settings
from django.utils.translation import override

from campaigns.models import Campaign
from delivery.models import Message
from lib.text.languages.languages import site_language

from .addresses import mail_domain, own_address

LONGEST_LINE = 900  # octets in one line of the header; mail allows 998
WORD = 39  # octets in an encoded word, so that its line stays below 76
HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
PERSONAL = {"to", "cc", "bcc", "message-id", "list-unsubscribe", "in-reply-to", "references", "mime-version"}
PLAIN_NAME = re.compile(r"[A-Za-z0-9 .'-]{1,60}\Z")
# Where servers write the address whose mailbox a mail came to.
DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
# What a mail says that no person wrote, so that no other machine answers it.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}


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


def bulk_headers(message: Message, domain: str, *, at: datetime) -> dict[str, str]:
    """
    Return the headers that everyone's mail carries alike, in plain text.

    Raise ValueError for a header of the message's own that is none, or that is not for it to set.
    """
    mailing = message.mailing
    campaign = mailing.campaign
    home = f"{settings.PUBLIC_URL}/{site_language(message.language)}/"
    name = printable(message.sender_name).replace("\\", "\\\\").replace('"', '\\"')
    sender = own_address(campaign.sender_email)
    with override(message.language):
        subject = campaign.marked(one_line(message.subject))
    headers = {
        "From": f'"{name}" <{sender}>' if name else sender,
        "Reply-To": own_address(campaign.reply_to),
        "Subject": subject,
        "Date": format_datetime(at.astimezone(UTC)),
        "Content-Language": message.language_tag,
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
    Return a text in which nothing looks like an encoded word (RFC 2047): Django decodes one that someone wrote into a
    name or a subject, line ends and all.
    """
    return text.replace("=?", "= ?")


def one_line(text: str) -> str:
    """Return `text` in one line."""
    return " ".join(text.split())


def from_campaign(campaign: Campaign, language: str) -> dict[str, str]:
    """
    Return the headers of a mail to someone outside the team: it is from the campaign under its name in their language,
    and an answer reaches the team.
    """
    sender = own_address(campaign.sender_email)
    return {
        "From": plain_mailbox(sender_name(campaign, language), sender),
        "Reply-To": own_address(campaign.reply_to),
        "Message-ID": new_message_id(sender),
    }


def clean_subject(text: str) -> str:
    """Return the subject of a mail that Django writes: one line, and no sign in it that deceives."""
    return undecodable(printable(one_line(text)))


def plain_mailbox(name: str, address: str) -> str:
    """Return a name and an address as one header; Django writes it for the wire."""
    quoted = undecodable(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>' if name else address


def new_message_id(sender: str) -> str:
    """Return a Message-ID that no other mail has, of the domain of the sender, who may have a name."""
    return make_msgid(domain=mail_domain(parseaddr(sender)[1]))
