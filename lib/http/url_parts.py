"""Addresses that someone else wrote, taken apart."""

import ipaddress
from urllib.parse import SplitResult, urlsplit


def parts_of(address: str) -> SplitResult | None:
    """
    Return the parts of an address, None for what is none: "//[", "https://[::1", a port that is no number, or letters that
    become a slash or a colon when they are composed (http://℀.fi). Of these the library makes a fault.
    """
    try:
        parts = urlsplit(address)
        _port = parts.port  # it is not read before it is asked for
    except ValueError:
        return None
    return parts


def host_of(address: str) -> str:
    """Return the host of an address in lower case, "" for an address without one and for what is none."""
    parts = parts_of(address)
    return (parts.hostname or "") if parts else ""


def site_of(address: str) -> str:
    """Return the host of an address as people say it, "" for what has none: "thl.fi"."""
    return host_of(address).removeprefix("www.")


def is_loopback(host: str) -> bool:
    """Return whether `host` names this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
