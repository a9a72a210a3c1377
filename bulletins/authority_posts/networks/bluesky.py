"""
Bluesky (docs.bsky.app, AT Protocol), by an app password. Posts are records under a key that is chosen here, and put there: a second try
puts the same record in the same place.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from secrets import randbelow
from typing import Any
from urllib.parse import urlencode

from campaigns.platforms.character_counts import LINK, SCHEME
from lib.http.kept_connections import Answer

from .network import (
    ACCOUNT_REFUSED,
    IS_GONE,
    NO_POST,
    NOT_THERE,
    NOT_UNDERSTOOD,
    OF_ANOTHER,
    Calls,
    Draft,
    Means,
    NetworkFault,
    Picture,
    Place,
    object_of,
    text_at,
)
from .tags import TAG

POSTS = "app.bsky.feed.post"
SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
EXPIRED = {"ExpiredToken", "InvalidToken"}
OF_THE_ACCOUNT = {"AuthFactorTokenRequired", "AccountTakedown", "AccountDeactivated", "AccountSuspended"}
MOST_DESCRIPTION = 2000  # characters of an alt text
# Where a post is read, and the name of its record: whose it is, and its key.
PAGE = re.compile(r"(?i:https://bsky\.app)/profile/@?([\w.:%-]{1,255})/post/([\w.~:-]{1,64})/?(?:[?#].*)?", re.ASCII)
RECORD = re.compile(rf"at://([\w.:%-]{{1,255}})/{re.escape(POSTS)}/([\w.~:-]{{1,64}})", re.ASCII)

Tokens = dict[str, str]


class Bluesky:
    """One account. `session` is what an earlier run left of its tokens; `keep` is given them when they change."""

    def __init__(
        self,
        server: str,
        handle: str,
        password: str,
        *,
        at: datetime,
        session: Tokens | None = None,
        keep: Callable[[Tokens], None] = lambda _tokens: None,
    ) -> None:
        self._calls = Calls(server, at)
        self._handle, self._password, self._keep = handle, password, keep
        self._tokens: Tokens = session or {}

    def whoami(self) -> str:
        """Return the account's handle: com.atproto.server.createSession, so that the password is tried."""
        self._log_in()
        return f"@{self._tokens['handle']}"

    def post(self, draft: Draft) -> Place:
        """Put a record in its place: com.atproto.repo.putRecord."""
        picture = self._upload(draft.picture) if draft.picture else None
        record = record_of(draft, picture)
        said = self._call(
            "com.atproto.repo.putRecord",
            lambda: {"repo": self._tokens["did"], "collection": POSTS, "rkey": draft.key, "record": record},
        )
        return Place(text_at(said, "uri")[:300], self._page_of(draft.key), text_at(said, "cid")[:100])

    def edit(self, place: Place, draft: Draft) -> Place:
        """Bluesky shows no edits: a post is deleted, and another posted in its stead (the accounts' rule sees to it)."""
        raise NetworkFault(Means.POST, NOT_UNDERSTOOD)

    def delete(self, place: Place | None, key: str) -> None:
        """Delete a record, whether or not it is known to be there: com.atproto.repo.deleteRecord."""
        name = place.remote_id.rpartition("/")[2] if place else key
        self._call(
            "com.atproto.repo.deleteRecord",
            lambda: {"repo": self._tokens["did"], "collection": POSTS, "rkey": name},
        )

    def find(self, address: str, key: str) -> Place:
        """Ask for the record of which somebody typed the address: com.atproto.repo.getRecord, in the account's own repository."""
        example = f"https://bsky.app/profile/{self._handle.removeprefix('@')}/post/3k2abcdefgh2x"
        found = PAGE.fullmatch(address) or RECORD.fullmatch(address)
        if not found:
            raise NetworkFault(Means.POST, NO_POST, example)
        whose, name = found.groups()
        self._begin()
        own = {self._handle.removeprefix("@"), self._tokens["handle"], self._tokens["did"]}
        if whose.casefold() not in {one.casefold() for one in own}:
            raise NetworkFault(Means.POST, OF_ANOTHER, example)
        asked = {"repo": self._tokens["did"], "collection": POSTS, "rkey": name}
        try:
            said = self._call(f"com.atproto.repo.getRecord?{urlencode(asked)}")
        except NetworkFault as fault:
            if fault.means is Means.GONE:
                raise NetworkFault(Means.GONE, NOT_THERE) from fault
            raise
        uri = text_at(said, "uri")
        if uri != f"at://{self._tokens['did']}/{POSTS}/{name}":
            raise NetworkFault(Means.MAYBE, NOT_UNDERSTOOD)
        return Place(uri[:300], self._page_of(name), text_at(said, "cid")[:100])

    def close(self) -> None:
        """Let the connection go."""
        self._calls.close()

    def _page_of(self, key: str) -> str:
        return f"https://bsky.app/profile/{self._tokens['did']}/post/{key}"

    def _upload(self, picture: Picture) -> dict[str, Any]:
        """Return a picture as a record names it: com.atproto.repo.uploadBlob."""
        said = self._call("com.atproto.repo.uploadBlob", lambda: picture.data, picture.content_type)
        blob = said.get("blob")
        if not isinstance(blob, dict):
            raise NetworkFault(Means.AGAIN, NOT_UNDERSTOOD)
        return {
            "alt": picture.alt[:MOST_DESCRIPTION],
            "image": blob,
            "aspectRatio": {"width": picture.width, "height": picture.height},
        }

    def _begin(self) -> None:
        """Log in where no earlier run left tokens."""
        if not {"access", "refresh", "did", "handle"} <= self._tokens.keys():
            self._log_in()

    def _call(
        self, method: str, content: Callable[[], Any] | None = None, kind: str = "application/json"
    ) -> dict[str, Any]:
        """Call a method, by GET without content; tokens that have expired are renewed once."""
        self._begin()
        for tokens_are_new in (False, True):
            said = content() if content else b""
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            answer = self._ask(method, body, self._tokens["access"], kind, verb="POST" if content else "GET")
            error = str(object_of(answer).get("error", ""))
            if tokens_are_new or not (answer.status == 401 or error in EXPIRED):
                break
            self._renew()
        return self._understood(answer)

    def _renew(self) -> None:
        """Get new tokens for the old: com.atproto.server.refreshSession; by the password where that is too late."""
        answer = self._ask("com.atproto.server.refreshSession", b"", self._tokens["refresh"])
        if answer.status in {400, 401}:
            self._log_in()
        else:
            self._take(self._understood(answer))

    def _log_in(self) -> None:
        """Log in: com.atproto.server.createSession."""
        login = {"identifier": self._handle.removeprefix("@"), "password": self._password}
        self._take(self._understood(self._ask("com.atproto.server.createSession", json.dumps(login).encode(), "")))

    def _take(self, said: Mapping[str, Any]) -> None:
        names = {"access": "accessJwt", "refresh": "refreshJwt", "did": "did", "handle": "handle"}
        self._tokens = {name: text_at(said, key) for name, key in names.items()}
        self._keep(self._tokens)

    def _ask(self, method: str, body: bytes, token: str, kind: str = "application/json", verb: str = "POST") -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body:
            headers["Content-Type"] = kind
        return self._calls.ask(verb, f"/xrpc/{method}", headers, body)

    def _understood(self, answer: Answer) -> dict[str, Any]:
        said = object_of(answer)
        if 200 <= answer.status < 300:
            if not said and answer.content.strip() not in {b"", b"{}"}:
                raise NetworkFault(Means.MAYBE, NOT_UNDERSTOOD)
            return said
        words = str(said.get("message") or said.get("error") or "")[:200]
        if said.get("error") in OF_THE_ACCOUNT:
            raise NetworkFault(Means.ACCOUNT, ACCOUNT_REFUSED, words)
        if said.get("error") == "RecordNotFound":
            raise NetworkFault(Means.GONE, IS_GONE, words)
        self._calls.refuse(answer, words)
        raise AssertionError("refused")


def new_key(at: datetime) -> str:
    """Return a key for a record: its microseconds since 1970 and ten bits by chance, in thirteen sortable letters (TID)."""
    number = (int(at.timestamp() * 1_000_000) & ((1 << 53) - 1)) << 10 | randbelow(1 << 10)
    return "".join(SORTABLE[number >> 5 * place & 31] for place in range(12, -1, -1))


def record_of(draft: Draft, picture: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the record of a post."""
    record: dict[str, Any] = {
        "$type": POSTS,
        "text": draft.words,
        "langs": [draft.language.partition("-")[0]],
        "createdAt": draft.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if facets := facets_of(draft.words):
        record["facets"] = facets
    if picture:
        record["embed"] = {"$type": "app.bsky.embed.images", "images": [dict(picture)]}
    if draft.reply_to:
        answered = {"uri": draft.reply_to.remote_id, "cid": draft.reply_to.cid}
        record["reply"] = {"root": answered, "parent": answered}
    return record


def facets_of(text: str) -> list[dict[str, Any]]:
    """Return where links and hashtags stand in a text, in bytes of UTF-8: without it they are only words."""
    found = [
        (link.start(), link.end(), {"$type": "app.bsky.richtext.facet#link", "uri": address_of(link[0])})
        for link in LINK.finditer(text)
    ]
    taken = [(start, end) for start, end, _feature in found]
    found += [
        (tag.start(), tag.end(), {"$type": "app.bsky.richtext.facet#tag", "tag": tag[1]})
        for tag in TAG.finditer(text)
        if not any(start <= tag.start() < end for start, end in taken)
    ]
    return [
        {"index": {"byteStart": bytes_of(text[:start]), "byteEnd": bytes_of(text[:end])}, "features": [feature]}
        for start, end, feature in sorted(found, key=lambda one: one[0])
    ]


def address_of(link: str) -> str:
    """Return a link with its scheme."""
    return link if SCHEME.match(link) else f"https://{link}"


def bytes_of(text: str) -> int:
    """Return how long a text is in bytes of UTF-8."""
    return len(text.encode())
