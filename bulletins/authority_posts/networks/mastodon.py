"""
Mastodon (docs.joinmastodon.org, 4.5), by a token with the scopes read:accounts, write:media and write:statuses. A second try with the
same Idempotency-Key within an hour gives back the post of the first; later nobody could tell.
"""

import json
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_noop

from lib.http import url_parts
from lib.http.kept_connections import Answer
from lib.http.safe_fetch import FetchFault, checked

from .network import (
    NO_POST,
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

REMEMBERS = timedelta(minutes=55)  # how long a second try is sure to be one
POLLS, POLL_SECONDS = 8, 0.5  # for a picture that the server still works on
STILL_WORKING = gettext_noop("The network is still working on the picture.")
# The page of a status: /@name/ID, also within the web app, which names the server of somebody else's; and its older address.
PAGE = re.compile(
    r"(?:/web|/deck)?/@(?P<name>[\w.-]{1,100})(?:@(?P<server>[\w.:-]{1,255}))?/(?P<id>[0-9]{1,20})/?", re.ASCII
)
OLDER_PAGE = re.compile(r"/users/(?P<name>[\w.-]{1,100})/statuses/(?P<id>[0-9]{1,20})/?", re.ASCII)


class Mastodon:
    """One account."""

    def __init__(self, server: str, handle: str, token: str, *, at: datetime) -> None:
        self._calls = Calls(server, at)
        self._server, self._host = server, urlsplit(server).netloc
        self._name, self._domain = name_of(handle)
        self._headers = {"Authorization": f"Bearer {token}"}

    def whoami(self) -> str:
        """Return the account that the token is of, with its server: GET /api/v1/accounts/verify_credentials."""
        said = self._ask("GET", "/api/v1/accounts/verify_credentials")
        return f"@{text_at(said, 'username')}@{self._host}"

    def post(self, draft: Draft) -> Place:
        """Post a status: POST /api/v1/statuses."""
        said = self._content(draft) | {"visibility": "public"}
        if draft.reply_to:
            said["in_reply_to_id"] = draft.reply_to.remote_id
        return place_of(self._ask("POST", "/api/v1/statuses", said, {"Idempotency-Key": draft.key}))

    def edit(self, place: Place, draft: Draft) -> Place:
        """Change a status: PUT /api/v1/statuses/:id. The picture is given anew: one that is not named is taken off."""
        return place_of(self._ask("PUT", f"/api/v1/statuses/{quote(place.remote_id, '')}", self._content(draft)))

    def delete(self, place: Place | None, key: str) -> None:
        """Delete a status: DELETE /api/v1/statuses/:id."""
        if place is None:
            return
        try:
            self._ask("DELETE", f"/api/v1/statuses/{quote(place.remote_id, '')}")
        except NetworkFault as fault:
            if fault.means is not Means.GONE:
                raise

    def find(self, address: str, key: str) -> Place:
        """Read a status's name from its address. Nobody is asked: whether it is there shows when it is edited or deleted."""
        page = f"{self._server}/@{self._name}"
        typed = address if "://" in address else f"https://{address}"
        try:
            place, own = checked(typed), checked(self._server)
        except FetchFault as fault:
            raise NetworkFault(Means.POST, NO_POST, f"{page}/112233") from fault
        parts = url_parts.parts_of(typed)
        found = parts and (PAGE.fullmatch(parts.path) or OLDER_PAGE.fullmatch(parts.path))
        if not found:
            raise NetworkFault(Means.POST, NO_POST, f"{page}/112233")
        said = found.groupdict()
        servers = {"", self._host.casefold(), self._domain}
        is_own = said["name"].casefold() == self._name.casefold() and (said.get("server") or "").casefold() in servers
        if place != own or not is_own:
            raise NetworkFault(Means.POST, OF_ANOTHER, f"{page}/112233")
        return Place(said["id"], f"{page}/{said['id']}")

    def close(self) -> None:
        """Let the connection go."""
        self._calls.close()

    def _content(self, draft: Draft) -> dict[str, Any]:
        said: dict[str, Any] = {"status": draft.words, "language": draft.language.partition("-")[0]}
        if draft.picture:
            try:
                said["media_ids"] = [self._upload(draft.picture)]
            except NetworkFault as fault:
                # Whatever became of the picture, nothing is posted yet.
                means = Means.AGAIN if fault.means in {Means.MAYBE, Means.GONE} else fault.means
                raise NetworkFault(means, fault.says, fault.words, fault.wait) from fault
        return said

    def _upload(self, picture: Picture) -> str:
        """Return the name of a picture that was uploaded with its description: POST /api/v2/media, and 202 until it is made."""
        boundary = token_hex(16)
        answer = self._calls.ask(
            "POST",
            "/api/v2/media",
            {**self._headers, "Content-Type": f"multipart/form-data; boundary={boundary}"},
            form_of(picture, boundary),
        )
        name = text_at(self._understood(answer), "id")
        for _poll in range(POLLS):
            if answer.status not in {202, 206}:
                return name
            time.sleep(POLL_SECONDS)
            answer = self._calls.ask("GET", f"/api/v1/media/{quote(name, '')}", self._headers)
            self._understood(answer)
        raise NetworkFault(Means.AGAIN, STILL_WORKING)

    def _ask(
        self, method: str, path: str, said: Mapping[str, Any] | None = None, more: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        headers = {**self._headers, **(more or {})}
        if said is not None:
            headers["Content-Type"] = "application/json"
        body = b"" if said is None else json.dumps(said).encode()
        return self._understood(self._calls.ask(method, path, headers, body))

    def _understood(self, answer: Answer) -> dict[str, Any]:
        said = object_of(answer)
        if 200 <= answer.status < 300:
            if not said and answer.content.strip() != b"{}":
                raise NetworkFault(Means.MAYBE, NOT_UNDERSTOOD)
            return said
        self._calls.refuse(answer, str(said.get("error_description") or said.get("error") or "")[:200])
        raise AssertionError("refused")


def name_of(handle: str) -> tuple[str, str]:
    """Return an account's name and the server that is in it ("" for none), which is not always the one that is asked."""
    name, _at, server = handle.strip().lstrip("@").partition("@")
    return name, server.casefold()


def place_of(said: Mapping[str, Any]) -> Place:
    """Return where a status stands; an address that is none is left out."""
    url = str(said.get("url") or "")
    is_address = url.startswith(("https://", "http://")) and len(url) <= 500
    return Place(text_at(said, "id")[:300], url if is_address else "")


def form_of(picture: Picture, boundary: str) -> bytes:
    """Return a picture and its description as a form (RFC 7578)."""
    line = f"--{boundary}\r\n".encode()
    description = b'Content-Disposition: form-data; name="description"\r\n\r\n' + picture.alt.encode() + b"\r\n"
    kind = picture.content_type.encode()
    ending = picture.content_type.rpartition("/")[2].encode()
    head = b'Content-Disposition: form-data; name="file"; filename="card.' + ending + b'"\r\nContent-Type: ' + kind
    return b"".join([line, description, line, head, b"\r\n\r\n", picture.data, b"\r\n", f"--{boundary}--\r\n".encode()])
