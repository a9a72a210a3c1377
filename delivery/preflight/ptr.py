"""The reverse DNS of the hosts that mail leaves from: that each address has a name that leads back to it."""

import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_noop

from lib.http.url_parts import is_loopback

from .dns import Names, NoRecord
from .preflight_findings import Finding, Level


def sending_hosts() -> list[str]:
    """Return the hosts whose addresses receivers see: SENDING_HOSTS, or else the relay, unless that is no guess."""
    if settings.SENDING_HOSTS:
        return settings.SENDING_HOSTS
    return [] if "esp" in settings.MAIL or is_loopback(settings.MAIL["host"]) else [settings.MAIL["host"]]


def check_reverse(hosts: list[str], names: Names) -> Iterator[Finding]:
    """See that each address of each host has a name that leads back to it (forward-confirmed)."""
    if not hosts:
        yield Finding(
            "reverse DNS",
            Level.SKIPPED,
            gettext_noop("Not checked: the addresses that receivers see are those of the provider or relay."),
        )
    for host in hosts:
        yield from check_reverse_of(host, names)


def check_reverse_of(host: str, names: Names) -> Iterator[Finding]:
    """See to the addresses of one host."""
    try:
        addresses = [host] if is_address(host) else names.addresses(host)
    except NoRecord:
        yield Finding(
            "reverse DNS",
            Level.WARNING,
            gettext_noop("%(host)s has no address in the DNS, so its reverse entry cannot be checked."),
            gettext_noop("List the hosts that send mail in SENDING_HOSTS."),
            {"host": host},
        )
        return
    for address in addresses:
        values = {"host": host, "address": address}
        try:
            back = names.names_of(address)
        except NoRecord:
            yield Finding(
                "reverse DNS",
                Level.WARNING,
                gettext_noop("%(address)s (%(host)s) has no reverse entry: many receivers distrust it."),
                gettext_noop("Ask whoever provides the address for a PTR record that names the host."),
                values,
            )
            continue
        values["names"] = ", ".join(back)
        if any(leads_to(name, address, names) for name in back):
            says = gettext_noop("%(address)s is %(names)s, in both directions.")
            yield Finding("reverse DNS", Level.OK, says, values=values)
        else:
            yield Finding(
                "reverse DNS",
                Level.WARNING,
                gettext_noop("%(address)s (%(host)s) resolves to %(names)s, which does not resolve back to it."),
                gettext_noop("Make the PTR record and the A or AAAA record agree."),
                values,
            )


def leads_to(name: str, address: str, names: Names) -> bool:
    """Return whether `address` is among the addresses of `name`."""
    try:
        return ipaddress.ip_address(address) in map(ipaddress.ip_address, names.addresses(name))
    except NoRecord:
        return False


def is_address(host: str) -> bool:
    """Return whether `host` is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
