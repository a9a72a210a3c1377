"""
Meta's Cloud API (developers.facebook.com/docs/whatsapp/cloud-api): one message is one POST of JSON, answered by an object with
`messages`, or with `error` and its `code`. What an error means goes by the code alone, as Meta advises, never by status or title.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from delivery.transports import http_errors
from delivery.transports.sms.providers import CONTENT, NO_SUCH_NUMBER, NOT_TO_THIS_ONE, TOO_FAST, plain
from lib.http import safe_fetch
from lib.http.kept_connections import KeptConnections

MOST_SECONDS = 14.0
ANSWER_SECONDS = 8.0  # for a question that a person waits for
MOST_BYTES = 512 * 1024  # of the list of templates

# Meanings beside those of text messages. The first two need a person: nothing leaves before (delivery/holds/circuit_breaker.py).
LOCKED_OUT, TEMPLATE = "5.7.8", "5.3.5"
RE_ENGAGEMENT, PAIR, AWAY, AGAIN = "re-engagement", "pair", "away", "again"

MEANINGS = {
    **dict.fromkeys(("131021", "131026"), NO_SUCH_NUMBER),
    **dict.fromkeys(("130472", "130497", "131030", "131049", "131050"), NOT_TO_THIS_ONE),
    **dict.fromkeys(("100", "131008", "131009", "131051", "131052", "131053", "135000"), CONTENT),
    **dict.fromkeys(("0", "3", "10", "190", "33", "368"), LOCKED_OUT),
    **dict.fromkeys(("131005", "131031", "131037", "131042", "131045", "133010"), LOCKED_OUT),
    **dict.fromkeys(("132000", "132001", "132005", "132007", "132012", "132015", "132016"), TEMPLATE),
    **dict.fromkeys(("4", "80007", "130429", "131048", "133016"), TOO_FAST),
    **dict.fromkeys(("2", "131016", "131057", "133004"), AWAY),
    "131000": AGAIN,
    "131047": RE_ENGAGEMENT,
    "131056": PAIR,
}
# Seconds to rest where Meta restricts how many messages a number may send because people blocked or reported it.
SPAM_LIMIT, SPAM_SECONDS = "131048", 600.0


def meaning_of(code: str) -> str:
    """Return what a code of Meta's means, "" where nobody knows."""
    if len(code) == 3 and code.startswith("2"):
        return LOCKED_OUT  # 200 to 299: a permission is missing
    if len(code) == 6 and code.startswith("132"):
        return TEMPLATE
    return MEANINGS.get(code, "")


@dataclass(frozen=True, slots=True)
class Said:
    """
    What was answered: HTTP status, Meta's name for the message or the code of its error with its words, and the seconds that it
    wants to be left alone. Without a name and a code it was nothing of Meta's: a page of HTML, half an answer.
    """

    status: int
    name: str = ""
    code: str = ""
    words: str = ""
    wait: float | None = None

    @property
    def means(self) -> str:
        """What the code means, "" where nobody knows."""
        return meaning_of(self.code)


class Cloud:
    """One connection to the interface, kept open. For one thread."""

    def __init__(self) -> None:
        self._connections = KeptConnections()

    def send(self, message: dict[str, Any]) -> Said:
        """Ask for a message. Raise ReplyLost when nobody knows whether it was taken, another FetchFault when it was not."""
        body = json.dumps({"messaging_product": "whatsapp", "recipient_type": "individual", **message}).encode()
        url = f"{address()}/{settings.WHATSAPP_PHONE}/messages"
        headers = {"Content-Type": "application/json", **login()}
        answer = self._connections.post(url, body, headers, most_seconds=MOST_SECONDS)
        found = object_of(answer.content)
        code, words = error_of(found)
        return Said(answer.status, name_of(found), code, words, http_errors.seconds_to_wait(answer))

    def close(self) -> None:
        """Let the connection go."""
        self._connections.close()


def ask(path: str) -> tuple[dict[str, Any], str]:
    """Return what Meta says about something of ours, and its error ("" for none). Raise FetchFault."""
    got = safe_fetch.fetch(
        f"{address()}/{path}",
        most_bytes=MOST_BYTES,
        most_seconds=ANSWER_SECONDS,
        most_redirects=0,
        headers=login(),
    )
    found = object_of(got.content)
    code, words = error_of(found)
    if code or got.status != 200 or not found:
        return {}, f"{code or got.status} {words}".strip()
    return found, ""


def address() -> str:
    """Return where the interface is, in the version that is set."""
    return f"{settings.WHATSAPP_URL}/{settings.WHATSAPP_VERSION}"


def login() -> dict[str, str]:
    """Return the header by which we log in."""
    return {"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"}


def name_of(answer: dict[str, Any]) -> str:
    """Return Meta's name of a message that it took, "" where it says none."""
    messages = answer.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    return plain(first.get("id")) if isinstance(first, dict) else ""


def error_of(answer: dict[str, Any]) -> tuple[str, str]:
    """Return (code, words) of the error in an answer or a status, "" for both where there is none."""
    error = answer.get("error")
    if not isinstance(error, dict):
        return "", ""
    data = error.get("error_data")
    details = plain(data.get("details")) if isinstance(data, dict) else ""
    return plain(error.get("code"))[:6], details or plain(error.get("message")) or plain(error.get("title"))


def object_of(content: bytes) -> dict[str, Any]:
    """Return the object that an answer or a post is, {} for anything else."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
