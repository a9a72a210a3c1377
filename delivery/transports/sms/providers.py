"""
The providers of text messages, behind one shape: how a message is asked for, and what an answer says about it.

Twilio's Messages API (2010-04-01), and one that any gateway can speak: JSON in, JSON out (docs/operating/channels/sms.md).
Statuses of a provider get a second code beside them, of RFC 3463, by which the ledger knows what they mean.
"""

import json
import uuid
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse

from delivery.message.verp import delivery_mark

NO_SUCH_NUMBER = "5.1.1"  # is suppressed
NOT_TO_THIS_ONE = "5.1.0"  # of the number, but says nothing about whether it exists
CONTENT = "5.6.0"
POLICY = "5.7.1"  # holds the send when there are several
SENDER = "sender"  # ours, so that nothing leaves before a person has seen to it
TOO_FAST = "too fast"


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """
    What an answer says: the provider's own name for the message, or the code of its error with what that means (one of the
    above, "" where nobody knows) and its words.
    """

    name: str = ""
    code: str = ""
    means: str = ""
    words: str = ""


class Provider(Protocol):
    """Who sends text messages for us. `key` names it in reports."""

    key: str

    def call(self, number: str, text: str, delivery_id: int) -> Call:
        """Return the request for one message; `delivery_id` is 0 of one that is in no ledger."""

    def said(self, answer: Mapping[str, Any]) -> Said:
        """Return what an answer says, whatever its status."""


class Twilio:
    """Twilio's Messages API. It has no key by which it would know a request again: a lost reply stays unknown."""

    key = "twilio"
    MEANINGS = {
        **dict.fromkeys(("21211", "21217", "21614", "30005", "30006"), NO_SUCH_NUMBER),
        **dict.fromkeys(("21408", "21610", "21612", "30003", "30008", "30410"), NOT_TO_THIS_ONE),
        **dict.fromkeys(("21602", "21605", "21617", "30019"), CONTENT),
        **dict.fromkeys(("30004", "30007"), POLICY),
        **dict.fromkeys(("21212", "21603", "21606", "21607", "21659", "21660", "21703", "21705"), SENDER),
        **dict.fromkeys(("20429", "21611", "30001", "30022"), TOO_FAST),
    }
    STOPPED = "21610"  # who answered STOP, and whom Twilio no longer writes to

    def __init__(self, way: str) -> None:
        one = settings.SMS[way]
        self._url = f"{one['url']}/2010-04-01/Accounts/{quote(one['user'])}/Messages.json"
        self._headers = {
            "Authorization": basic(one["user"], one["secret"]),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        self._sender = {"MessagingServiceSid" if is_service(one["sender"]) else "From": one["sender"]}
        self._reports = settings.PUBLIC_URL + reverse("webhooks:sms_report", args=[way])

    def call(self, number: str, text: str, delivery_id: int) -> Call:
        """Return the request; its reports come with our mark, which a lost reply needs. It asks for none at an address without TLS."""
        fields = {"To": number, **self._sender, "Body": text}
        if delivery_id and self._reports.startswith("https:"):
            fields["StatusCallback"] = f"{self._reports}?delivery={delivery_mark(delivery_id)}"
        return Call(self._url, urlencode(fields).encode(), self._headers)

    def said(self, answer: Mapping[str, Any]) -> Said:
        """Return what Twilio says: of what it took its `sid`, else the `code` of its error."""
        name, code = plain(answer.get("sid")), plain(answer.get("code")) or plain(answer.get("error_code"))
        words = plain(answer.get("message")) or plain(answer.get("error_message"))
        return Said(name, code, self.MEANINGS.get(code, ""), words)


class JSONGateway:
    """
    Any gateway that takes `{"to", "from", "text", "reference"}` and answers `{"id"}`, or `{"error", "message"}`. It gets an
    Idempotency-Key that is the same at every attempt.
    """

    key = "sms-json"
    MEANINGS = {
        "invalid_number": NO_SUCH_NUMBER,
        "unreachable_number": NO_SUCH_NUMBER,
        "not_delivered": NOT_TO_THIS_ONE,
        "opted_out": NOT_TO_THIS_ONE,
        "not_allowed": NOT_TO_THIS_ONE,
        "content": CONTENT,
        "blocked": POLICY,
        "sender": SENDER,
        "too_fast": TOO_FAST,
    }
    STOPPED = "opted_out"

    def __init__(self, way: str) -> None:
        one = settings.SMS[way]
        self._url, self._sender = one["url"], one["sender"]
        self._headers = {
            "Authorization": basic(one["user"], one["secret"]),
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def call(self, number: str, text: str, delivery_id: int) -> Call:
        """Return the request."""
        mark = delivery_mark(delivery_id) if delivery_id else ""
        body = {"to": number, "from": self._sender, "text": text, "reference": mark}
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, mark) if mark else uuid.uuid4())
        return Call(self._url, json.dumps(body, ensure_ascii=False).encode(), {**self._headers, "Idempotency-Key": key})

    def said(self, answer: Mapping[str, Any]) -> Said:
        """Return what it says."""
        code = plain(answer.get("error"))[:14]
        return Said(plain(answer.get("id")), code, self.MEANINGS.get(code, ""), plain(answer.get("message")))


KINDS: Mapping[str, type[Twilio] | type[JSONGateway]] = {"twilio": Twilio, "json": JSONGateway}


def provider_of(way: str) -> Twilio | JSONGateway:
    """Return the provider of a way ("sms", "sms-backup")."""
    return KINDS[settings.SMS[way]["provider"]](way)


def basic(user: str, secret: str) -> str:
    """Return the header by which we log in (RFC 7617)."""
    return f"Basic {b64encode(f'{user}:{secret}'.encode()).decode()}"


def is_service(sender: str) -> bool:
    """Return whether a sender is a messaging service of Twilio, which chooses a number by itself."""
    return len(sender) == 34 and sender.startswith("MG")


def plain(value: object) -> str:
    """Return a name, number or sentence as text, 180 characters at most; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "".join(sign for sign in str(value)[:180] if sign.isprintable())
