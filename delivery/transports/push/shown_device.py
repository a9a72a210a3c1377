"""A device on which notifications are allowed, as its person sees it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from . import subscriptions

# Whose push service a device has, by the end of its host.
MAKERS = {
    ".googleapis.com": "Google",
    ".mozilla.com": "Mozilla",
    ".apple.com": "Apple",
    ".windows.com": "Microsoft",
}


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its person sees it. `mark` is a digest of its address, by which the browser there knows itself."""

    pk: int
    since: datetime
    maker: str
    mark: str
    works: bool


def device_of(pk: int, address: str, *, since: datetime, works: bool) -> Device:
    """Return an address of the channel as a device."""
    to = subscriptions.read(address)
    host = f".{subscriptions.host_of(address)}"
    maker = next((name for end, name in MAKERS.items() if host.endswith(end)), host[1:])
    return Device(pk, since, maker, hashlib.sha256(to.endpoint.encode()).hexdigest(), works)
