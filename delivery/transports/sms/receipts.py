"""
What providers of text messages tell by HTTP: what became of a message, and what somebody answered to it. Only whoever knows the
secret is believed: Twilio signs the address and the form with the account's token, others their JSON with SMS_KEY.
"""

import hashlib
import hmac
import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime

from .numbers import E164
from .providers import KINDS, plain

FRESH_SECONDS = 600  # how old a signed JSON may be
MOST_FIELDS = 100

# Messages that take a number off, as a whole or with a word or two behind: English, Finnish, Swedish.
STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
STOP |= {"lopeta", "lopettakaa", "peruuta", "poista", "stopp", "stoppa", "avsluta", "sluta", "avanmäl"}
STOP_WORDS = 3
WORD = re.compile(r"\w+")

DELIVERED, BOUNCED, UNDER_WAY = "delivered", "bounced", ""
STATES = {
    "delivered": DELIVERED,
    "read": DELIVERED,
    "undelivered": BOUNCED,
    "failed": BOUNCED,
    "expired": BOUNCED,
    "rejected": BOUNCED,
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent", "canceled"), UNDER_WAY),
}


class Forged(Exception):
    """What nobody vouches for. The text says why, for the log, without anything secret."""


class Unreadable(Exception):
    """What is no report and no message."""


@dataclass(frozen=True, slots=True)
class Post:
    """What was posted to us: by which way's provider, the address as that provider wrote it, headers, and the body."""

    way: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message: DELIVERED, BOUNCED or UNDER_WAY, with our code; `happened_at` None where it is not said."""

    name: str
    state: str
    code: str = ""
    mark: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What somebody wrote to us. `is_stop` says that they want nothing more; `name` is the provider's own for the message, "" where it gives
    none; `wrote_at` is None where it is not said.
    """

    number: str
    is_stop: bool
    name: str = ""
    wrote_at: datetime | None = None


def believed(post: Post, *, at: datetime) -> Mapping[str, object]:
    """Return the fields of what was posted, as its provider wrote them. Raise Forged or Unreadable."""
    if settings.SMS[post.way]["provider"] == "twilio":
        return signed_form(post)
    return signed_json(post, at=at)


def signed_form(post: Post) -> Mapping[str, object]:
    """Return a form that Twilio signed: HMAC-SHA1 of the address and the fields in the order of their names."""
    if len(post.form) > MOST_FIELDS:
        raise Unreadable("too many fields")
    text = post.url + "".join(name + post.form[name] for name in sorted(post.form))
    digest = hmac.new(settings.SMS[post.way]["secret"].encode(), text.encode(), hashlib.sha1).digest()
    if not constant_time_compare(b64encode(digest).decode(), post.headers.get("X-Twilio-Signature", "")):
        raise Forged("its signature is wrong")
    return dict(post.form)


def signed_json(post: Post, *, at: datetime) -> Mapping[str, object]:
    """Return JSON that was signed with SMS_KEY: HMAC-SHA256 (hex) of "timestamp.body", in X-Signature and X-Timestamp."""
    if not settings.SMS_KEY:
        raise Forged("SMS_KEY is not set")
    said = post.headers.get("X-Timestamp", "")
    if not (said.isascii() and said.isdigit() and len(said) <= 12 and abs(at.timestamp() - int(said)) <= FRESH_SECONDS):
        raise Forged("its time is missing, or too old")
    digest = hmac.new(settings.SMS_KEY.encode(), said.encode() + b"." + post.body, hashlib.sha256).hexdigest()
    if not constant_time_compare(digest, post.headers.get("X-Signature", "")):
        raise Forged("its signature is wrong")
    try:
        fields = json.loads(post.body)
    except (ValueError, RecursionError) as fault:
        raise Unreadable("no JSON") from fault
    if not isinstance(fields, dict):
        raise Unreadable("no object")
    return fields


def report_of(way: str, fields: Mapping[str, object], *, mark: str = "") -> Report:
    """Return what a believed report says. `mark` is ours, from the address that it was posted to. Raise Unreadable."""
    if settings.SMS[way]["provider"] == "twilio":
        name, said = plain(fields.get("MessageSid")), plain(fields.get("MessageStatus"))
        error, when = plain(fields.get("ErrorCode")), None
    else:
        name, said = plain(fields.get("id")), plain(fields.get("status"))
        error, mark = plain(fields.get("error"))[:14], plain(fields.get("reference"))
        when = moment(plain(fields.get("at")))
    if not name or said not in STATES:
        raise Unreadable("no name or no known status")
    state = STATES[said]
    means = KINDS[settings.SMS[way]["provider"]].MEANINGS.get(error, "")
    # Only what tells of the number or the message has a second code (RFC 3463).
    code = f"{error} {means}".strip() if "." in means else error
    return Report(name, state, code[:20] if state == BOUNCED else "", mark, when)


def answer_of(way: str, fields: Mapping[str, object], *, signature: str = "") -> Answer:
    """
    Return what somebody wrote to us, without keeping their words. JSON that names no message is named by its `signature`, which is
    another every second. Raise Unreadable.
    """
    is_twilio = settings.SMS[way]["provider"] == "twilio"
    number = plain(fields.get("From" if is_twilio else "from"))
    words = plain(fields.get("Body" if is_twilio else "text"))
    if not E164.match(number):
        raise Unreadable("no number")
    if is_twilio:
        return Answer(number, is_stop(words) or fields.get("OptOutType") == "STOP", plain(fields.get("MessageSid")))
    return Answer(number, is_stop(words), plain(fields.get("id")) or signature, moment(plain(fields.get("at"))))


def is_stop(words: str) -> bool:
    """Return whether a message asks that nothing more comes: "STOP", "Lopeta!", "stopp tack"."""
    found = WORD.findall(unicodedata.normalize("NFKC", words).casefold())
    return 0 < len(found) <= STOP_WORDS and found[0] in STOP


def moment(text: str) -> datetime | None:
    """Return a moment as ISO 8601 with its zone, None for anything else."""
    try:
        read = parse_datetime(text)
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None
