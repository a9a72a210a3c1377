"""
What each service is told, and what its answers mean. From their references as of November 2026:

- Slack: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, answered by the word "ok" or the name of an error;
- Mattermost: developers.mattermost.com/integrate/webhooks/incoming, answered by "ok" or an object with the `id` of an error;
- Microsoft Teams: Workflows ("When a Teams webhook request is received"), answered by 202 and nothing;
- Matrix: spec.matrix.org, client-server API v1.11, PUT …/send, answered by an `event_id` or an `errcode`;
- Hookshot: matrix-org.github.io/matrix-hookshot, inbound webhooks, answered by {"ok": true}.
"""

import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Literal
from urllib.parse import quote

from delivery.models import Room
from delivery.transports import http_errors
from lib.http.kept_connections import Answer

from . import markup
from .places import Place

Service = Room.Service

GONE = {404, 410}
NOT_NOW = {429, 503}
IN_DOUBT = {408, 409, 425}
# Names of errors by which a service says that there is no such webhook or room any more.
SLACK_GONE = {
    *("no_service", "no_service_id", "no_team", "team_disabled", "no_active_hooks", "invalid_token"),
    *("channel_not_found", "channel_is_archived", "no_channel", "is_archived"),
}
MATTERMOST_GONE = {
    "web.incoming_webhook.invalid.app_error",
    "web.incoming_webhook.channel.app_error",
    "api.post.create_post.can_not_post_to_deleted.error",
}
MATTERMOST_OFF = "web.incoming_webhook.disabled.app_error"  # all of them, by the server's setting
MATRIX_GONE = {"M_UNKNOWN_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED"}
NOT_IN_ROOM = "not in room"


class Means(Enum):
    """What an answer says became of a message."""

    TAKEN = auto()
    GONE = auto()  # nothing can be said there any more
    REFUSED = auto()
    NOT_NOW = auto()  # it was not said: later, perhaps
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a service."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    method: Literal["POST", "PUT"] = "POST"


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says; `words` are the service's, `name` is what it calls the message, `wait` in seconds."""

    means: Means
    words: str = ""
    name: str = ""
    wait: float | None = None


def call_of(service: str, place: Place, text: str, reference: str) -> Call:
    """Return how a text is said in a room. `reference` is the same each time that the same is said there: Matrix says it once."""
    headers = {"Content-Type": "application/json"}
    if service == Service.MATRIX:
        path = (
            f"/_matrix/client/v3/rooms/{quote(place.room_id, safe='')}/send/m.room.message/{quote(reference, safe='')}"
        )
        body: dict[str, Any] = {"msgtype": "m.text", "body": markup.quiet(text), "m.mentions": {}}
        return Call(place.url + path, as_json(body), {**headers, "Authorization": f"Bearer {place.token}"}, "PUT")
    return Call(place.url, as_json(body_of(service, text)), headers)


def body_of(service: str, text: str) -> dict[str, Any]:
    """Return what a webhook is sent."""
    match service:
        case Service.SLACK:
            said = markup.for_slack(text)
            return {"text": said, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
        case Service.TEAMS:
            kind = "application/vnd.microsoft.card.adaptive"
            card = {"contentType": kind, "contentUrl": None, "content": markup.adaptive_card(text)}
            return {"type": "message", "attachments": [card]}
        case Service.HOOKSHOT:
            return {"text": markup.quiet(text), "html": markup.in_html(text)}
        case _:
            return {"text": markup.for_mattermost(text)}


def as_json(body: dict[str, Any]) -> bytes:
    """Return an object as bytes."""
    return json.dumps(body, ensure_ascii=False).encode()


def read(service: str, answer: Answer) -> Said:
    """Return what an answer means. A page of HTML is nobody's answer: something stands between us and the service."""
    status, text = answer.status, answer.content.decode(errors="replace").strip()
    told, is_page = object_of(answer.content), text[:1] == "<"
    words = "" if is_page else text[:200]
    error = name_of_error(told) or words
    if 200 <= status < 300:
        return Said(*taken(service, text, told, is_page=is_page))
    if status in NOT_NOW:
        return Said(Means.NOT_NOW, error, wait=wait_of(answer, told))
    if (status == 501 and error == MATTERMOST_OFF) or 300 <= status < 400:
        return Said(Means.NOT_NOW, error)
    if status >= 500 or status in IN_DOUBT:
        return Said(Means.UNKNOWN, error)
    if is_gone(service, status, error, told, is_page=is_page):
        return Said(Means.GONE, error)
    return Said(Means.REFUSED, error)


def name_of_error(told: dict[str, Any]) -> str:
    """Return what a service calls what is wrong, "" where it is no object that says so."""
    named = told.get("errcode") or told.get("id") or told.get("error") or ""
    return str(named.get("code", "") if isinstance(named, dict) else named)[:200]


def taken(service: str, text: str, told: dict[str, Any], *, is_page: bool) -> tuple[Means, str, str]:
    """Return what an answer of 2xx means, its words, and the service's name for the message."""
    match service:
        case Service.MATRIX:
            name = str(told.get("event_id", ""))
            return (Means.TAKEN, "", name[:200]) if name else (Means.UNKNOWN, "", "")
        case Service.HOOKSHOT:
            is_good = told.get("ok") is True
        case Service.TEAMS:
            is_good = not is_page
        case _:
            is_good = text == "ok"
    return Means.TAKEN if is_good else Means.UNKNOWN, "" if is_page or is_good else text[:200], ""


def is_gone(service: str, status: int, error: str, told: dict[str, Any], *, is_page: bool) -> bool:
    """Return whether a refusal says that nothing can be said in the room any more."""
    match service:
        case Service.SLACK if error in SLACK_GONE:
            return True
        case Service.MATTERMOST if error in MATTERMOST_GONE:
            return True
        case Service.MATRIX:
            not_in_room = error == "M_FORBIDDEN" and NOT_IN_ROOM in str(told.get("error", "")).lower()
            # A path that a server does not know is a wrong server, not a room that went.
            return error in MATRIX_GONE or not_in_room or (status in GONE and error == "M_NOT_FOUND")
    return status in GONE and not is_page


def wait_of(answer: Answer, told: dict[str, Any]) -> float | None:
    """Return for how many seconds a service wants to be left alone; Matrix said it in the answer before there was a header for it."""
    asked = http_errors.seconds_to_wait(answer)
    of_matrix = told.get("retry_after_ms")
    if asked is None and isinstance(of_matrix, int | float) and not isinstance(of_matrix, bool) and of_matrix >= 0:
        asked = min(of_matrix / 1000, http_errors.LONGEST_WAIT_SECONDS)
    return asked


def object_of(content: bytes) -> dict[str, Any]:
    """Return the object that an answer is, {} for anything else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
