"""A mail as it came, read: who wrote what to whom, in answer to what, and which files came along."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as Mail
from email.utils import getaddresses
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import ngettext

from delivery.feedback import inbound_headers
from delivery.message.headers import DELIVERED_TO
from lib.text.characters import charsets

from . import quoted_text

LONGEST_TEXT = 100_000  # characters that are kept of a mail's words
LONGEST_READ = 1_000_000  # characters that are looked at, for the words to keep
LARGEST_LOGO = 50_000  # octets of a picture that is taken for a part of a signature
PROOFS = {
    "application/pgp-signature",
    "application/pgp-keys",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
}
MOST_PARTS = 200  # that are looked at
MOST_ADDRESSES = 50
MOST_IDS = 50
CAME_TO = (*DELIVERED_TO, "To", "Cc")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,240}>")

# What only machines write (RFC 3834 and what came before it). Lists and newsletters are no people either.
AUTOMATIC_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-AutoReply-From",
    "X-Auto-Reply",
    "X-Mail-Autoreply",
    "X-FC-MachineGenerated",
)
AUTOMATIC_PRECEDENCE = {"bulk", "list", "junk", "auto_reply", "auto-reply"}
AUTOMATIC_SUBJECT = re.compile(
    r"\s*(?:(?:re|vs|sv|vl)\s*:\s*)?(?:automaattinen (?:vastaus|poissaoloviesti|poissaoloilmoitus)|poissaoloviesti|"
    r"poissaoloilmoitus|poissa toimisto(?:sta|lta)|poissa\s*:|(?:olen )?lomalla\s*(?:[:,.!–-]|\d|$)|olen poissa|automatiskt svar|autosvar|frånvaromeddelande|frånvarande\b|"
    r"automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|away from (?:the )?office)",
    re.IGNORECASE,
)
NO_OWN_SUBJECT = re.compile(
    r"\s*(?:$|(?:re|vs|sv|vl|fw|fwd)\s*:)", re.IGNORECASE
)  # none, or that of the mail it answers
# Words by which people ask to get no more mail. Nothing is done about them but to say so to a person.
LEAVING = re.compile(
    r"\b(?:stop|unsubscribe|remove me|opt out|peru(?:ta)? tilaus|peruuta|poista (?:minut|osoitteeni)|lopeta|lopettakaa|"
    r"en halua (?:enää )?(?:näitä|viestejä|sähköposteja)|avsluta|avregistrera|avbeställ|ta bort mig|sluta skicka)\b",
    re.IGNORECASE,
)
LEAVING_WITHIN = 200  # characters: a longer text is about something else


@dataclass(frozen=True, slots=True)
class Letter:
    """
    A mail, read. `mail_id` is its Message-ID, or one made of what it says; `answers` are the Message-IDs that it names, the
    nearest first; `to` the addresses that it came to. When there is nothing but a quotation, that is the text. `left_out` is
    how many characters `text` and `folded` had more, at least. `parts` are the files, not decoded yet.
    """

    mail_id: str
    from_name: str
    from_address: str
    subject: str
    text: str
    folded: str
    to: tuple[str, ...]
    answers: tuple[str, ...]
    is_automatic: bool
    is_report: bool
    has_new_words: bool = True
    left_out: tuple[int, int] = (0, 0)
    parts: tuple[Mail, ...] = field(default=(), repr=False)


def read(mail: Mail, *, to: Sequence[str] = ()) -> Letter:
    """
    Return a mail, read; `to` are the addresses in its envelope, where they are known. Its headers are cut to what is looked
    at.
    """
    inbound_headers.shorten(mail)
    senders = [(name, address) for name, address in addressed(mail, ("From",)) if "@" in address]
    name, address = senders[0] if senders else ("", "")
    text, files = text_and_files(mail)
    said = quoted_text.fold(text)
    words, folded = said.text or said.folded, said.folded if said.text else ""
    return Letter(
        mail_id=own_id(mail),
        from_name=name[:200],
        from_address=address.lower() if len(address) <= 254 else "",
        subject=header(mail, "Subject")[:200],
        text=words[:LONGEST_TEXT],
        folded=folded[:LONGEST_TEXT],
        to=tuple([*to, *(found for _name, found in addressed(mail, CAME_TO))][:MOST_ADDRESSES]),
        answers=tuple(ids_in(mail)),
        is_automatic=is_automatic(mail),
        is_report=mail.get_content_type() == "multipart/report",
        has_new_words=bool(said.text),
        left_out=(max(len(words) - LONGEST_TEXT, 0), max(len(folded) - LONGEST_TEXT, 0)),
        parts=tuple(files),
    )


def stored_text(letter: Letter) -> tuple[str, str]:
    """Return the text of a mail, and what is folded of it, as they are kept: each says in the active language that it was cut."""
    text, folded = letter.left_out
    return letter.text + truncation_note(text), letter.folded + truncation_note(folded)


def truncation_note(left_out: int) -> str:
    """Return what is written below words of which `left_out` characters, at least, were not kept; "" for none."""
    if not left_out:
        return ""
    says = ngettext(
        "[The email was too long and was cut here: at least %(n)s more character was not kept.]",
        "[The email was too long and was cut here: at least %(n)s more characters were not kept.]",
        left_out,
    )
    return f"\n\n{says % {'n': number_format(left_out, use_l10n=True, force_grouping=True)}}"


def has_nothing_to_answer(letter: Letter) -> bool:
    """Return whether a mail says nothing: it is empty, no file came with it, and its subject is nobody's own words."""
    return not letter.text.strip() and bool(NO_OWN_SUBJECT.match(letter.subject)) and not enclosed(letter)


def header(mail: Mail, name: str) -> str:
    """Return a header as one line that people can read and any database takes, "" when there is none."""
    return plain(raw_header(mail, name))


def raw_header(mail: Mail, name: str) -> str:
    """Return a header with its encoded words decoded, whatever its sender wrote there."""
    try:
        return decoded(mail.get(name, ""))
    except Exception:  # the library stumbles over some broken headers
        return ""


def decoded(value: Any) -> str:
    """Return encoded words as people read them; bytes that say no encoding are read as most programs write them."""
    words = []
    try:
        chunks = decode_header(value)
    except (HeaderParseError, ValueError):
        return str(value)
    for chunk, charset in chunks:
        words.append(chunk if isinstance(chunk, str) else charsets.text_of(chunk, charset or "", most=len(chunk)))
    return "".join(words)


def plain(text: str) -> str:
    """Return text in one line, without signs that are not seen."""
    line = " ".join(text.replace("\0", "").split())
    return "".join(sign for sign in line if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co"})


def addressed(mail: Mail, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return (name, address) of each in these headers."""
    values: list[str] = []
    for name in names:
        try:
            values += [whole(value) for value in mail.get_all(name, [])[:MOST_ADDRESSES]]
        except Exception:  # noqa: S112 (as in `raw_header`)
            continue
    found = getaddresses(values)
    return [(plain(decoded(name)), plain(address)) for name, address in found[:MOST_ADDRESSES] if address]


def whole(value: Any) -> str:
    """Return a header's value with its encoded words as they are, so that what they hold is not taken for syntax."""
    return value if isinstance(value, str) else decoded(value)


def own_id(mail: Mail) -> str:
    """Return the Message-ID of a mail, or a name made of it that is the same each time it comes."""
    match = MESSAGE_ID.search(header(mail, "Message-ID"))
    if match:
        return match[0]
    said = [header(mail, name) for name in ("From", "Date", "Subject", "To")]
    digest = hashlib.sha256("\n".join(said).encode())
    for part in parts_of(mail):
        digest.update(raw_payload(part)[:10_000])
    return digest.hexdigest()


def raw_payload(part: Mail) -> bytes:
    """Return the bytes of a part."""
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # what claims to be encoded, and is not
        return b""
    return payload if isinstance(payload, bytes) else b""


def ids_in(mail: Mail) -> Iterator[str]:
    """Yield the Message-IDs that a mail names, the nearest first, each once."""
    nearest = MESSAGE_ID.findall(header(mail, "In-Reply-To"))
    before = MESSAGE_ID.findall(header(mail, "References"))[::-1]
    yield from list(dict.fromkeys([*nearest, *before]))[:MOST_IDS]


def is_automatic(mail: Mail) -> bool:
    """Return whether a machine wrote it."""
    submitted = header(mail, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if any(header(mail, name) for name in AUTOMATIC_HEADERS) or header(mail, "List-Id"):
        return True
    if header(mail, "Precedence").lower() in AUTOMATIC_PRECEDENCE or header(mail, "Return-Path") == "<>":
        return True
    return bool(AUTOMATIC_SUBJECT.match(header(mail, "Subject"))) or mail.get_content_type() == "multipart/report"


def wants_no_mail(text: str) -> bool:
    """Return whether someone seems to ask for no more mail: a person looks at it, nothing else happens."""
    return len(text) <= LEAVING_WITHIN and bool(LEAVING.search(text))


def enclosed(letter: Letter) -> list[Mail]:
    """
    Return the files that someone sent along, without what their mail program adds: logos and cryptographic signatures.
    """
    return [part for part in letter.parts if not is_added(part)]


def is_added(part: Mail) -> bool:
    """Return whether a mail program put a part there: small pictures within the text, and what proves who sent it."""
    if part.get_content_type() in PROOFS:
        return True
    is_within = part.get_content_maintype() == "image" and bool(header(part, "Content-ID"))
    return is_within and len(raw_payload(part)) <= LARGEST_LOGO


# --- Parts -----------------------------------------------------------------------------------------


def parts_of(mail: Mail) -> Iterator[Mail]:
    """Yield the parts that are no containers, those of mails within the mail not."""
    waiting, looked_at = [mail], 0
    while waiting and looked_at < MOST_PARTS:
        part, looked_at = waiting.pop(0), looked_at + 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting = inbound_headers.within(part) + waiting
        else:
            yield part


def text_and_files(mail: Mail) -> tuple[str, list[Mail]]:
    """Return the words of a mail as text, from its plain part or else from its HTML, and the parts that are files."""
    texts: list[Mail] = []
    pages: list[Mail] = []
    files: list[Mail] = []
    for part in parts_of(mail):
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or file_name(part):
            files.append(part)
        elif kind == "text/plain":
            texts.append(part)
        elif kind == "text/html":
            pages.append(part)
        elif part.get_content_maintype() != "multipart":
            files.append(part)
    words = "\n\n".join(word for part, text in read_of(texts) if (word := text_of_plain_part(part, text)).strip())
    if not words.strip():
        words = "\n\n".join(quoted_text.text_of_html(text) for _part, text in read_of(pages))
    return clean(words), files


def read_of(parts: Iterable[Mail]) -> Iterator[tuple[Mail, str]]:
    """Yield parts with their text, as much of it as is looked at of one mail."""
    left = LONGEST_READ
    for part in parts:
        text = charsets.text_of(raw_payload(part), str(part.get_content_charset() or ""), most=left)
        left -= len(text)
        if text:
            yield part, text


def text_of_plain_part(part: Mail, text: str) -> str:
    """Return the text of a plain part, its paragraphs whole."""
    if str(part.get_param("format", "")).lower() == "flowed":
        return quoted_text.unflowed(text, delsp=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def clean(text: str) -> str:
    """Return text without what no database or page takes; line ends as they are stored."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cs"})


def file_name(part: Mail) -> str:
    """Return the name of a file in a mail, "" for none."""
    try:
        return plain(decoded(part.get_filename() or ""))
    except Exception:  # names in broken encodings
        return ""
