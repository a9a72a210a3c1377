"""Where a room is, and what opens it: read as people paste it, and kept so that nobody reads it in a copy of the database."""

import json
import re
from dataclasses import asdict, dataclass
from urllib.parse import SplitResult

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.crypto import encryption
from delivery.models import Room, address_hash
from lib.http import url_parts
from lib.http.safe_fetch import BadAddress, checked, looks_private

Service = Room.Service

LONGEST_URL, LONGEST_TOKEN = 1500, 1000
MATRIX_ROOM = re.compile(r"![^\s/?#]{1,254}\Z")
# Services that run on hosts of their own alone: there what is pasted for another service was mixed up, and nowhere else are they.
KNOWN_HOSTS = {
    "hooks.slack.com": Service.SLACK,
    "hooks.slack-gov.com": Service.SLACK,
    "api.powerplatform.com": Service.TEAMS,
    "logic.azure.com": Service.TEAMS,
}
RETIRED = ("webhook.office.com", "outlook.office.com")  # Microsoft's connectors


class NoPlace(Exception):
    """What was pasted leads to no room. The text says why and what now, in the user's language."""


@dataclass(frozen=True, slots=True)
class Place:
    """A room's address: a webhook's; of Matrix that of the homeserver, with the room's ID and an access token."""

    url: str
    room_id: str = ""
    token: str = ""

    def address_in(self, campaign: int) -> str:
        """Return what a campaign calls it: the same each time, of Matrix whatever the token, and nothing that opens it."""
        return f"{campaign}-{address_hash(f'room:{self.url}:{self.room_id}')[:40]}"

    @property
    def host(self) -> str:
        """The part that staff may read."""
        return url_parts.host_of(self.url)

    def locked(self) -> str:
        """Return it locked, for the database."""
        return encryption.lock(json.dumps(asdict(self)))


def unlocked(secret: str) -> Place:
    """Return what `locked` gave. Raise accounts.crypto.encryption.Locked."""
    return Place(**json.loads(encryption.unlock(secret)))


def place_of(service: str, url: str, room_id: str = "", token: str = "") -> Place:
    """Return the place of a room as somebody pasted it. Raise NoPlace. Nobody is asked: a name is looked up when something is sent."""
    url, room_id, token = url.strip(), room_id.strip(), token.strip()
    host, port, scheme = reachable(url)
    if len(url) > LONGEST_URL or (scheme != "https" and f"{host}:{port}" not in settings.FETCH_ALLOW):
        raise NoPlace(_("Give an address that begins with https."))
    refuse_mixed_up(service, host, is_allowed=f"{host}:{port}" in settings.FETCH_ALLOW)
    if service == Service.MATRIX:
        return matrix_place(url, room_id, token)
    parts = parts_of(url)
    if len(parts.path) < 2 and not parts.query:
        raise NoPlace(_("This is only a site. Copy the whole address of the webhook."))
    return Place(url)


def refuse_mixed_up(service: str, host: str, *, is_allowed: bool) -> None:
    """Raise NoPlace for a host of another service, and for one that is none of the service's own, unless the site allows it."""
    if f".{host}".endswith(tuple(f".{one}" for one in RETIRED)):
        raise NoPlace(
            _(
                "Microsoft has retired this kind of address. Make one with Workflows: “When a Teams webhook request is received”."
            )
        )
    known = next((one for name, one in KNOWN_HOSTS.items() if f".{host}".endswith(f".{name}")), service)
    if known != service:
        raise NoPlace(
            _("This is an address of %(service)s. Choose that one above.") % {"service": Service(known).label}
        )
    hosts = [name for name, of in KNOWN_HOSTS.items() if of == service]
    if hosts and not is_allowed and not any(f".{host}".endswith(f".{name}") for name in hosts):
        words = {"service": Service(service).label, "hosts": ", ".join(hosts)}
        raise NoPlace(_("This is no address of %(service)s: those are on %(hosts)s.") % words)


def reachable(url: str) -> tuple[str, int, str]:
    """Return host, port and scheme of an address on the public internet. Raise NoPlace for another."""
    try:
        found = checked(url)
    except BadAddress as fault:
        if (parts := url_parts.parts_of(url)) and parts.hostname and parts.port and parts.username is None:
            raise NoPlace(
                _(
                    "Only port 443 is reached. Ask whoever runs the site to allow this one, or the organisation for another address."
                )
            ) from fault
        raise NoPlace(_("This is no web address. Copy it once more, from https to its end.")) from fault
    if looks_private(url):
        raise NoPlace(_("This address is inside a network. Give one that can be reached from the internet."))
    return found


def parts_of(url: str) -> SplitResult:
    """Return the parts of an address that was looked at."""
    parts = url_parts.parts_of(url)
    assert parts is not None
    return parts


def matrix_place(url: str, room_id: str, token: str) -> Place:
    """Return the place of a room of Matrix. Raise NoPlace."""
    if not MATRIX_ROOM.match(room_id):
        raise NoPlace(
            _("Give the room's internal ID, which begins with “!”. The room's settings show it under Advanced.")
        )
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise NoPlace(_("Give the access token of the account that writes into the room."))
    parts = parts_of(url)
    return Place(f"{parts.scheme}://{parts.netloc}", room_id, token)


def place_in(room: Room) -> Place:
    """Return where a room is. Raise accounts.crypto.encryption.Locked."""
    return unlocked(room.secret)
