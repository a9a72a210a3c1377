"""What every network is asked and answers, and what a fault means for the post."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from django.utils.translation import gettext_noop

from lib.http.kept_connections import Answer, KeptConnections, ReplyLost
from lib.http.safe_fetch import FetchFault, checked

MOST_SECONDS = 14.0  # for one call
MOST_BYTES = 512 * 1024  # of an answer
LONGEST_WAIT = 3600.0  # seconds that a network may ask for
AGENT = {"User-Agent": "crisis-bulletins", "Accept": "application/json"}

NOT_REACHED = gettext_noop("The network could not be reached.")
NO_REPLY = gettext_noop("The network's reply did not come.")
NOT_UNDERSTOOD = gettext_noop("The network's reply could not be understood.")
TROUBLE = gettext_noop("The network has a fault.")
TOO_FAST = gettext_noop("The network asks us to wait.")
ACCOUNT_REFUSED = gettext_noop("The network refused the account's token or password.")
POST_REFUSED = gettext_noop("The network refused the post.")
IS_GONE = gettext_noop("What it is about is not there any more.")
NO_POST = gettext_noop("This is not the address of a post. Such an address looks like this:")
OF_ANOTHER = gettext_noop("This post is of another account or server. An address of this account looks like this:")
NOT_THERE = gettext_noop("The network knows no post at this address.")
LEADS_ELSEWHERE = gettext_noop("The server leads elsewhere. Correct its address.")


class Means(Enum):
    """What a fault means: not done and to be tried again; maybe done; the account is refused; so is this post; what was named is gone."""

    AGAIN = "again"
    MAYBE = "maybe"
    ACCOUNT = "account"
    POST = "post"
    GONE = "gone"


class NetworkFault(Exception):
    """What was asked is not done, or nobody knows. `says` is for staff (English, from gettext_noop), with the network's own `words`."""

    def __init__(self, means: Means, says: str, words: str = "", wait: float | None = None) -> None:
        super().__init__(says)
        self.means, self.says, self.wait = means, says, wait
        self.words = " ".join(words.split())[:200]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is given to a network: its bytes, their type, size in pixels, and what it shows."""

    data: bytes
    content_type: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands on a network: its name there, on Bluesky the digest of the record too, and its address for people."""

    remote_id: str
    url: str = ""
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted: words, their language, a picture, what it answers, when, and the key that makes it be there once."""

    words: str
    language: str
    key: str
    at: datetime
    picture: Picture | None = None
    reply_to: Place | None = None


class NetworkClient(Protocol):
    """A network, spoken to for one account. Every call raises NetworkFault."""

    def whoami(self) -> str:
        """Return the account's name as people know it."""

    def post(self, draft: Draft) -> Place:
        """Post it; however often for the same key, it is there once."""

    def edit(self, place: Place, draft: Draft) -> Place:
        """Have a post say something else."""

    def delete(self, place: Place | None, key: str) -> None:
        """Delete a post; one that is gone is deleted already."""

    def find(self, address: str, key: str) -> Place:
        """Return where the post with this key stands, by the address that somebody typed. Only the account's own server is ever asked."""

    def close(self) -> None:
        """Let the connections go."""


class Calls:
    """Requests of one account to one server."""

    def __init__(self, server: str, at: datetime) -> None:
        self._server, self._at = server.rstrip("/"), at
        self._connections = KeptConnections()

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Ask and return the answer, whatever it is. Raise NetworkFault where none came."""
        url = self._server + path
        try:
            checked(url)
            return self._connections.ask(
                method, url, body, {**AGENT, **headers}, most_seconds=MOST_SECONDS, most_bytes=MOST_BYTES
            )
        except ReplyLost as fault:
            raise NetworkFault(Means.MAYBE, NO_REPLY) from fault
        except FetchFault as fault:
            raise NetworkFault(Means.AGAIN, NOT_REACHED, fault.code) from fault

    def refuse(self, answer: Answer, words: str) -> None:
        """Raise what an answer means that is no success. A network that is gone for a moment may have done it all the same."""
        status = answer.status
        if status in {401, 403}:
            raise NetworkFault(Means.ACCOUNT, ACCOUNT_REFUSED, words)
        if status in {404, 410}:
            raise NetworkFault(Means.GONE, IS_GONE, words)
        if status == 429:
            raise NetworkFault(Means.AGAIN, TOO_FAST, words, wait_of(answer, self._at))
        if 300 <= status < 400:
            raise NetworkFault(Means.ACCOUNT, LEADS_ELSEWHERE)
        if 400 <= status < 500 and status != 408 and words:
            raise NetworkFault(Means.POST, POST_REFUSED, words)
        raise NetworkFault(Means.MAYBE, TROUBLE if status >= 500 else NOT_UNDERSTOOD, words or str(status))

    def close(self) -> None:
        """Let the connections go."""
        self._connections.close()


def object_of(answer: Answer) -> dict[str, Any]:
    """Return the object that an answer is, {} for anything else: a page of HTML, for one."""
    try:
        read = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def text_at(said: Mapping[str, Any], name: str) -> str:
    """Return what stands under a name of an answer. Raise NetworkFault where there are no words."""
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise NetworkFault(Means.MAYBE, NOT_UNDERSTOOD)
    return value


def wait_of(answer: Answer, at: datetime) -> float | None:
    """
    Return for how many seconds the network wants to be left alone, None where it does not say: Retry-After in seconds, Mastodon's
    X-RateLimit-Reset as a date (ISO 8601), Bluesky's RateLimit-Reset in seconds since 1970.
    """
    headers = answer.headers
    waits = [number_of(headers.get("Retry-After"))]
    if (ends := number_of(headers.get("RateLimit-Reset"))) is not None:
        waits.append(ends - at.timestamp())
    if (moment := moment_of(headers.get("X-RateLimit-Reset"))) is not None:
        waits.append((moment - at).total_seconds())
    said = [one for one in waits if one is not None]
    return min(max(said[0], 1.0), LONGEST_WAIT) if said else None


def number_of(text: str | None) -> float | None:
    """Return a number that a header has."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def moment_of(text: str | None) -> datetime | None:
    """Return a moment that a header has."""
    try:
        found = datetime.fromisoformat((text or "")[:40])
    except ValueError:
        return None
    return found if found.tzinfo else None
